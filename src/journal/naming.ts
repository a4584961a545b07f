/**
 * The new name of a restored file: true to its inode, and free in every queue. Two names of one ID in different queues
 * would let a message inherit another's logs, or be overwritten when Postfix renames it (mail_queue.c sane_rename).
 */

import { nextMicrosecond, type QueueId, toShort, withInode } from '../queue/queue-id.ts';

const MICROSECONDS_PER_SECOND = 1_000_000;

/**
 * The ID that a restored message takes.
 *
 * Time digits stay, so a deferred message stays in its hash directory. Short stays short, as `postsuper -s` leaves it
 * (it has no seconds); long stays long where the target makes long IDs, else it becomes short.
 *
 * @param isTaken whether a name stands in any queue of the target, messages or logs.
 */
export function newQueueId(
  old: QueueId,
  file: { readonly inode: bigint; readonly enableLongQueueIds: boolean },
  isTaken: (name: string) => boolean,
): QueueId {
  const natural =
    old.form === 'long' && !file.enableLongQueueIds ? toShort(old, file.inode) : withInode(old, file.inode);
  return nextFreeId(natural, isTaken);
}

/** The ID itself when it is free, else the next one that is: the microseconds counted up. */
export function nextFreeId(id: QueueId, isTaken: (name: string) => boolean): QueueId {
  let candidate = id;
  for (let tries = 0; tries < MICROSECONDS_PER_SECOND; tries += 1) {
    if (!isTaken(candidate.text)) {
      return candidate;
    }
    candidate = nextMicrosecond(candidate);
  }
  throw new Error(`all names with the inode number ${id.inode} are taken`);
}
