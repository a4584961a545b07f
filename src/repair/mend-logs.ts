/**
 * Logs that stand where Postfix does not look get their name by a link, and lose the old one. Cut off between the two calls,
 * the log has two names: the next run takes the old one away. Postfix takes a log with two names as it takes any other.
 */

import { directoriesOf, makeDurable } from '../fs/durable.ts';
import type { FileSystem } from '../fs/file-system.ts';
import { safeLink, safeUnlink } from '../fs/nfs-safe.ts';
import { isSameFile } from '../fs/same-file.ts';
import { errnoOf } from '../fs/system-error.ts';
import { type QueueLayout, queueFilePath } from '../queue/layout.ts';
import { parseQueueId } from '../queue/queue-id.ts';
import type { SeenFile } from './facts.ts';
import { failureOf } from './mend.ts';
import type { LogOrder } from './orders.ts';
import { makeDirectoryOf } from './rename.ts';

export interface LogGround {
  readonly fs: FileSystem;
  readonly queueDirectory: string;
  readonly layout: QueueLayout;
}

/**
 * The names, and those of the directories made for them, are on disk before the old ones go: a power loss must not leave a log
 * without any. (mend-logs.test.ts, "has its new name on disk")
 * (repair-crash.test.ts, "of a thousand queues with all of them, each cut off at some call")
 *
 * @returns why not, by the places of the logs
 */
export function moveLogs(ground: LogGround, orders: readonly LogOrder[]): Map<string, string> {
  const { fs, queueDirectory } = ground;
  const failures = new Map<string, string>();
  const linked: LinkedLog[] = [];
  for (const order of orders) {
    const outcome = linkLog(ground, order);
    if (typeof outcome === 'string') {
      failures.set(order.file.path, outcome);
    } else {
      linked.push(outcome);
    }
  }
  if (linked.length > 0) {
    const names = linked.map(({ own }) => own);
    makeDurable(fs, { root: queueDirectory, files: [], directories: directoriesOf(names, queueDirectory) });
  }
  for (const { path, old, own } of linked) {
    const failure = dropOldName(fs, { old, own });
    if (failure !== undefined) {
      failures.set(path, failure);
    }
  }
  return failures;
}

interface LinkedLog {
  /** Below the queue directory. */
  readonly path: string;
  readonly old: string;
  readonly own: string;
}

function linkLog({ fs, queueDirectory, layout }: LogGround, { file, queueId }: LogOrder): LinkedLog | string {
  const id = parseQueueId(queueId);
  if (id === undefined) {
    return 'EINVAL';
  }
  const path = queueFilePath(layout, file.queueName, id);
  const [old, own] = [`${queueDirectory}/${file.path}`, `${queueDirectory}/${path}`];
  try {
    if (fs.lstat(old)?.inode !== file.status.inode) {
      return 'ESTALE';
    }
    const outcome = linkInto(fs, { old, own, make: () => makeDirectoryOf(fs, queueDirectory, path) });
    return outcome === 'exists' ? 'EEXIST' : { path: file.path, old, own };
  } catch (error) {
    return failureOf(error);
  }
}

/** Never the last name. (repair-crash.test.ts, "a repair that is cut off at every call and run again") */
function dropOldName(fs: FileSystem, { old, own }: Pick<LinkedLog, 'old' | 'own'>): string | undefined {
  try {
    if (isSameFile(fs.lstat(old), fs.lstat(own))) {
      safeUnlink(fs, old);
    }
    return undefined;
  } catch (error) {
    return failureOf(error);
  }
}

function linkInto(
  fs: FileSystem,
  { old, own, make }: { readonly old: string; readonly own: string; readonly make: () => void },
): 'linked' | 'exists' {
  try {
    return safeLink(fs, old, own);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') {
      throw error;
    }
    make();
    return safeLink(fs, old, own);
  }
}

/** Removes a log that is no message's. @returns why not */
export function removeOrphan({ fs, queueDirectory }: LogGround, { path, status }: SeenFile): string | undefined {
  const full = `${queueDirectory}/${path}`;
  try {
    const now = fs.lstat(full);
    if (now?.inode !== status.inode || now.size !== status.size) {
      return 'ESTALE';
    }
    safeUnlink(fs, full);
    return undefined;
  } catch (error) {
    return failureOf(error);
  }
}
