/** The owner of a queue directory: whoever works in it works with this user's rights. */

import { join } from 'node:path';
import { OperatorError } from '../errors.ts';
import { stepToRead } from '../fs/capabilities.ts';
import { errnoText } from '../fs/errno-text.ts';
import type { FileStatus, FileSystem } from '../fs/file-system.ts';
import { O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } from '../fs/open-flags.ts';
import { isRootsAlone } from '../fs/roots-alone.ts';
import { errnoOf } from '../fs/system-error.ts';
import type { Account } from '../postfix/accounts.ts';
import { QUEUES, type QueueName } from '../queue/queue-name.ts';
import { missingQueues } from './missing-queues.ts';

type QueueAccess = Pick<FileSystem, 'lstat' | 'open' | 'fstat' | 'close'>;

/**
 * With whose rights a queue is to be read: Postfix makes the directory `incoming` mail_owner's, and the others. Its number is right also
 * where this system has no such user.
 *
 * In a queue directory that others than root can change, `incoming` may be a link that was put there to have somebody
 * else's files read with that one's rights: it is not followed. And root's rights it gives only where all is root's.
 *
 * @throws OperatorError `not-found`: this is no queue directory; `not-permitted`
 */
export function queueOwner(fs: QueueAccess, queueDirectory: string): Account {
  const isSafe = isRootsAlone(fs, queueDirectory);
  const { uid, gid, queue } = statusOfQueue(fs, queueDirectory, isSafe ? 0 : O_NOFOLLOW);
  if (uid === 0 && !(isSafe && areAllRoots(fs, queueDirectory))) {
    throw new OperatorError('not-permitted', `${queueDirectory}/${queue} is root's, but not all of that queue is`, {
      path: queueDirectory,
      remedy: 'give-to-mail-owner',
    });
  }
  return { uid, gid };
}

function areAllRoots(fs: QueueAccess, queueDirectory: string): boolean {
  const directories = QUEUES.map(({ name }) => fs.lstat(`${join(queueDirectory, name)}/.`));
  return directories.every((status) => status === undefined || status.uid === 0);
}

/** The status of `incoming`, or of the first other queue where there is none: a part of a queue has an owner, too. */
function statusOfQueue(
  fs: QueueAccess,
  queueDirectory: string,
  flags: number,
): FileStatus & { readonly queue: QueueName } {
  const missing = new Set(missingQueues(fs, queueDirectory));
  const queue = OWNED.find((name) => !missing.has(name)) ?? 'incoming';
  const path = join(queueDirectory, queue);
  let fd: number;
  try {
    fd = fs.open(path, O_RDONLY | O_DIRECTORY | O_NONBLOCK | flags);
  } catch (error) {
    throw cannotOpen(error, queueDirectory, path);
  }
  try {
    return { ...fs.fstat(fd), queue };
  } finally {
    fs.close(fd);
  }
}

const OWNED: readonly QueueName[] = ['incoming', ...QUEUES.map(({ name }) => name)];

function cannotOpen(cause: unknown, queueDirectory: string, path: string): OperatorError {
  const errno = errnoOf(cause);
  if (errno === 'ENOENT' || errno === 'ENOTDIR') {
    return new OperatorError(
      'not-found',
      `${queueDirectory} is no Postfix queue: it has no directory incoming, nor any other queue`,
      {
        path: queueDirectory,
        remedy: 'name-or-make-queue',
        cause,
      },
    );
  }
  return new OperatorError(
    'not-permitted',
    `can't read ${path}: ${errno === undefined ? String(cause) : errnoText(errno)}`,
    {
      path,
      nextStep: stepToRead(),
      cause,
    },
  );
}
