/**
 * What the permission bits of a queue file mean to Postfix. Authority: mail_queue.h (MAIL_QUEUE_STAT_*), mail_open_ok.c,
 * pickup.c (MAIL_IS_REQUEUED), postdrop.c. The arguments may carry the file type bits of `st_mode`.
 */

import { isLogQueueName, type QueueName } from './queue-name.ts';

const OWNER_BITS = 0o700;
const OWNER_READ_WRITE = 0o600;
const OWNER_READ = 0o400;
const GROUP_EXECUTE = 0o010;
const OTHERS_READ = 0o004;

/** Complete: owner bits exactly `rwx`. Postfix passes over any other file without a word. */
export function isReady(mode: number): boolean {
  return (mode & OWNER_BITS) === OWNER_BITS;
}

/** A message that is still being written: owner bits `rw-`. (Log files are always so, and complete.) */
export function isUnfinished(mode: number): boolean {
  return (mode & OWNER_BITS) === OWNER_READ_WRITE;
}

/** The mark that a delivery agent puts on a file that it could not read: owner bits `r--`. */
export function isCorruptMark(mode: number): boolean {
  return (mode & OWNER_BITS) === OWNER_READ;
}

/** `postsuper -e` has asked to expire the message: it is returned at the next attempt (Postfix 3.5 and later). */
export function isForcedExpiry(mode: number): boolean {
  return (mode & GROUP_EXECUTE) !== 0;
}

/**
 * A maildrop file as postdrop(1) leaves it. Without this bit, and owned by mail_owner, pickup(8) takes a file for one
 * that `postsuper -r` requeued, and passes it by the Milters.
 */
export function isGenuineSubmission(mode: number): boolean {
  return (mode & OTHERS_READ) !== 0;
}

/**
 * The mode that a restored file gets once it is complete, from the mode that was archived.
 *
 * Forced expiry is kept. Group read is not: it asks qmgr(8) to forget about dead destinations, once. Nothing is open to
 * others, but for a genuine submission in maildrop, which has exactly the mode that postdrop(1) gives it.
 */
export function restoredMode(queueName: QueueName, mode: number): number {
  if (isLogQueueName(queueName)) {
    return OWNER_READ_WRITE;
  }
  if (queueName === 'maildrop' && isGenuineSubmission(mode)) {
    return OWNER_BITS | 0o044;
  }
  return OWNER_BITS | (mode & GROUP_EXECUTE);
}
