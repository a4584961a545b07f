import { basename } from 'node:path';
import type { FileSystem } from '../../src/fs/file-system.ts';
import { parseQueueId } from '../../src/queue/queue-id.ts';
import { isMessageQueueName, LOG_QUEUES } from '../../src/queue/queue-name.ts';
import { snapshotTree, type TreeEntry } from '../support/disk/tree.ts';
import { ARCHIVED, type ArchivedMessage, logContent, pathOf, QUEUE_DIRECTORY } from './restore-world.ts';

export type Tree = ReadonlyMap<string, TreeEntry>;

/** Everything that is wrong with a queue in which the restore is finished and Postfix never ran; empty if all promises hold. */
export function brokenPromises(
  fs: FileSystem,
  before: Tree,
  messages: readonly ArchivedMessage[] = ARCHIVED,
): string[] {
  const tree = snapshotTree(fs, QUEUE_DIRECTORY);
  return [...changed(before, tree), ...messages.flatMap((message) => brokenFor(message, tree)), ...leftBehind(tree)];
}

/** What of the old tree is not as it was. Directories may have got names. */
export function changed(before: Tree, tree: Tree): string[] {
  const broken: string[] = [];
  for (const [path, entry] of before) {
    const now = tree.get(path);
    const same = now !== undefined && (entry.type === 'directory' ? now.type === 'directory' : isSame(entry, now));
    if (!same) {
      broken.push(`P1: ${path} was changed`);
    }
  }
  return broken;
}

function isSame(one: TreeEntry, other: TreeEntry): boolean {
  const keys = ['type', 'inode', 'mode', 'links', 'uid', 'gid', 'mtimeNs', 'content'] as const;
  return keys.every((key) => one[key] === other[key]);
}

/** What a restore must not leave in its own directory. */
export function leftBehind(tree: Tree): string[] {
  const strays = [...tree.keys()].filter((path) => path.includes('.staged'));
  return strays.map((path) => `left behind: ${path}`);
}

function brokenFor(message: ArchivedMessage, tree: Tree): string[] {
  const files = [...tree].filter(([, { content }]) => content === message.content);
  const [found] = files;
  if (found === undefined || files.length !== 1) {
    return [`P2/P3: "${message.content}" stands ${files.length} times: ${files.map(([path]) => path).join(', ')}`];
  }
  const [path, entry] = found;
  const name = basename(path);
  const broken: string[] = [];
  if (path !== pathOf(message.queueName, name) || parseQueueId(name)?.inode !== entry.inode) {
    broken.push(`P5: "${message.content}" stands at ${path}`);
  }
  const isSubmission = message.queueName === 'maildrop' && entry.mode === 0o744;
  if ((entry.mode !== 0o700 && !isSubmission) || entry.links !== 1) {
    broken.push(`P4: ${path} has mode ${entry.mode.toString(8)} and ${entry.links} links`);
  }
  if (entry.mtimeNs !== message.mtimeNs) {
    broken.push(`P5: ${path} has the time ${entry.mtimeNs}`);
  }
  for (const queue of LOG_QUEUES) {
    const log = tree.get(pathOf(queue, name));
    const expected = message.logs.includes(queue) ? logContent(message.content, queue) : undefined;
    if (log?.content !== expected || (log !== undefined && log.links !== 1)) {
      broken.push(`P4: the ${queue} log of "${message.content}" is ${log?.content ?? 'not there'}`);
    }
  }
  const others = [...tree.keys()].filter((other) => isRival(other, name, path));
  return [...broken, ...others.map((other) => `P5: ${other} has the ID of ${path}`)];
}

function isRival(other: string, name: string, path: string): boolean {
  return other !== path && basename(other) === name && isMessageQueueName(other.slice(0, other.indexOf('/')));
}
