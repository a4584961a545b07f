/**
 * Directories in queues where Postfix has none: hash directories of an older hash_queue_depth, once what is in them has its
 * place, and what others made. `postsuper -s` removes those that are empty, and never looks into one whose name has more than
 * one character (postsuper.c, super()); no more is done here. What stands in such a one is told, since no mail is taken from it.
 */

import { dirname } from 'node:path';
import type { FileSystem } from '../fs/file-system.ts';
import { unlessErrno } from '../fs/system-error.ts';
import { hashDepth, type QueueLayout } from '../queue/layout.ts';
import { isLogQueueName, isQueueName, type QueueName } from '../queue/queue-name.ts';
import { isLive, type QueueFacts, type SeenFile } from './facts.ts';
import type { Finding } from './finding.ts';
import { failureOf } from './mend.ts';

export interface StrayGround {
  readonly layout: QueueLayout;
  /** What is going to have another place, or to be removed. */
  readonly leaving: ReadonlySet<SeenFile>;
}

/** Finds them: pure. */
export function strayDirectoriesOf(facts: QueueFacts, { layout, leaving }: StrayGround): Finding[] {
  const aliens = facts.files.filter(isAlien);
  const isEmptied = (file: SeenFile): boolean => leaving.has(file) || (isAlien(file) && file.names === 0);
  const staying = [...facts.files.filter((file) => !isEmptied(file)), ...facts.unseen];
  const faulty = facts.directories.filter(({ fault }) => fault !== undefined);
  const needed = ancestorsOf([...staying, ...faulty].map(({ path }) => path));
  const superfluous = facts.directories.flatMap(({ path, status, fault }) => {
    const [queueName = '', ...levels] = path.split('/');
    const isTooDeep = isPostfixs(queueName) && levels.length > hashDepth(layout, queueName);
    return isTooDeep && status?.type === 'directory' && fault === undefined && !needed.has(path)
      ? [finding({ path, queueName }, 'remove', `Postfix has ${depthText(hashDepth(layout, queueName))} there`)]
      : [];
  });
  return [...aliens.map(alienFinding), ...superfluous];
}

/** A directory among the files: its name is none of a hash directory's. */
export function isAlien({ status, queueName }: SeenFile): boolean {
  return status.type === 'directory' && isPostfixs(queueName);
}

/** The queues that `postsuper -s` goes through. */
function isPostfixs(name: string): name is QueueName {
  return isQueueName(name) && (isLive(name) || isLogQueueName(name));
}

function alienFinding({ path, queueName, names }: SeenFile): Finding {
  const what = 'Postfix never looks into it';
  return names === 0
    ? finding({ path, queueName }, 'remove', `${what}, and nothing is in it`)
    : finding({ path, queueName }, 'none', `${what}, and ${names ?? 'nobody can tell how many'} names are in it`);
}

function depthText(depth: number): string {
  return depth === 0 ? 'no hash directories' : `no more than ${depth} ${depth === 1 ? 'level' : 'levels'} of them`;
}

function finding(
  { path, queueName }: { readonly path: string; readonly queueName: QueueName },
  action: 'remove' | 'none',
  detail: string,
): Finding {
  return {
    code: 'stray-directory',
    action,
    path,
    queueName,
    queueId: null,
    newQueueName: null,
    newQueueId: null,
    detail,
  };
}

function ancestorsOf(paths: Iterable<string>): Set<string> {
  const ancestors = new Set<string>();
  for (const path of paths) {
    for (let at = dirname(path); at !== '.' && !ancestors.has(at); at = dirname(at)) {
      ancestors.add(at);
    }
  }
  return ancestors;
}

/** Removes those that are to go and are empty, the deepest first. @returns why not, by their paths */
export function removeStrayDirectories(
  { fs, queueDirectory }: { readonly fs: FileSystem; readonly queueDirectory: string },
  findings: readonly Finding[],
): Map<string, string> {
  const failures = new Map<string, string>();
  const meant = findings.filter(({ code, action }) => code === 'stray-directory' && action === 'remove');
  for (const { path } of meant.toSorted((a, b) => b.path.length - a.path.length)) {
    try {
      unlessErrno(['ENOENT'], () => fs.rmdir(`${queueDirectory}/${path}`));
    } catch (error) {
      failures.set(path, failureOf(error));
    }
  }
  return failures;
}
