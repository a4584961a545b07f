/** The queues of a directory that has not all of them: a part of one that was copied, or one that Postfix never saw. */

import { join } from 'node:path';
import type { FileSystem } from '../fs/file-system.ts';
import { errnoOf } from '../fs/system-error.ts';
import { QUEUES, type QueueName } from '../queue/queue-name.ts';

/** Which of the queues have no directory. */
export function missingQueues(
  fs: Pick<FileSystem, 'lstat'>,
  queueDirectory: string,
  queues: Iterable<QueueName> = QUEUES.map(({ name }) => name),
): QueueName[] {
  return [...queues].filter((queue) => isMissing(fs, join(queueDirectory, queue)));
}

function isMissing(fs: Pick<FileSystem, 'lstat'>, path: string): boolean {
  try {
    // The dot: a queue may be a link to a directory.
    return fs.lstat(`${path}/.`)?.type !== 'directory';
  } catch (error) {
    // What nobody but its owner may enter is there.
    if (errnoOf(error) === 'EACCES') {
      return false;
    }
    throw error;
  }
}

/** `the directories active and hold`, for people. */
export function directoriesText(queues: readonly string[]): string {
  const last = queues.at(-1) ?? '';
  return queues.length === 1
    ? `the directory ${last}`
    : `the directories ${queues.slice(0, -1).join(', ')} and ${last}`;
}
