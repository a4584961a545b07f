/**
 * What the permission bits of a queue file mean to Postfix. Authority: mail_queue.h (MAIL_QUEUE_STAT_*), mail_open_ok.c,
 * mail_stream.c, postsuper.c, pickup.c (MAIL_IS_REQUEUED), postdrop.c. The arguments may carry the file type bits of
 * `st_mode`.
 *
 * Copies lose modes: chmod -R, setfacl, object stores, FTP. So a mode says what Postfix means by it only where it is
 * exactly one that Postfix sets; any other was set by somebody else.
 */

import { isLogQueueName, type QueueName } from './queue-name.ts';

const PERMISSION_BITS = 0o777;
const OWNER_BITS = 0o700;
const OWNER_READ_WRITE = 0o600;
const CORRUPT_MARK = 0o400;
const FORCED_EXPIRY = 0o710;
const SUBMISSION = 0o744;
/** What postdrop(1) writes under: mail_stream_file() gives 0600 and the bits that the finished file is to have. */
const SUBMISSION_BEING_WRITTEN = 0o644;

/**
 * What `postsuper -r` finds in the queues and renames into maildrop: a ready file, with the mark of forced expiry, or the
 * one by which qmgr(8) forgets about dead destinations (MAIL_QUEUE_STAT_UNTHROTTLE).
 */
const REQUEUED_MODES: ReadonlySet<number> = new Set([OWNER_BITS, FORCED_EXPIRY, 0o740]);

/** What `postsuper -r` leaves in maildrop, of an ordinary message. */
export const REQUEUED_MODE: number = OWNER_BITS;

/** Complete: owner bits exactly `rwx`. Postfix passes over any other file without a word. */
export function isReady(mode: number): boolean {
  return (mode & OWNER_BITS) === OWNER_BITS;
}

/**
 * The mode of a message that cleanup(8) or postdrop(1) still writes: exactly 0600 in incoming, 0644 or 0600 in maildrop.
 * They write in no other queue; and a file that lost its mode may have the same. (Log files are always 0600, and complete.)
 */
export function isWritersMode(queueName: QueueName, mode: number): boolean {
  const bits = mode & PERMISSION_BITS;
  return (
    (bits === OWNER_READ_WRITE && (queueName === 'incoming' || queueName === 'maildrop')) ||
    (bits === SUBMISSION_BEING_WRITTEN && queueName === 'maildrop')
  );
}

/** The mark that a delivery agent puts on a file that it could not read: exactly 0400 (mark_corrupt.c). */
export function isCorruptMark(mode: number): boolean {
  return (mode & PERMISSION_BITS) === CORRUPT_MARK;
}

/**
 * `postsuper -e` has asked to expire the message: it is returned at the next attempt (Postfix 3.5 and later). It adds g+x to
 * a ready file: 0710. Postfix itself looks at g+x alone, so that mail is returned at once that chmod -R gave 0750 or 0777.
 */
export function isForcedExpiry(mode: number): boolean {
  return (mode & PERMISSION_BITS) === FORCED_EXPIRY;
}

/** Group execute that `postsuper -e` did not set, which Postfix would take for its mark. */
export function isStrayExpiry(mode: number): boolean {
  return (mode & FORCED_EXPIRY & ~OWNER_BITS) !== 0 && !isForcedExpiry(mode);
}

/** Whether a message that stands in a queue has lost the mode that Postfix gave it: Postfix passes over it. */
export function hasLostMode(queueName: QueueName, mode: number): boolean {
  return queueName !== 'corrupt' && queueName !== 'saved' && !isReady(mode) && !isCorruptMark(mode);
}

/**
 * A maildrop file as postdrop(1) leaves it, with o+r. Without that bit, and owned by mail_owner, pickup(8) takes a file for
 * one that `postsuper -r` requeued, and passes it by the Milters. A file whose mode can't be the one that `postsuper -r` left
 * counts as a submission: so it is checked once too often rather than not at all.
 */
export function isGenuineSubmission(mode: number): boolean {
  return !REQUEUED_MODES.has(mode & PERMISSION_BITS);
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
    return SUBMISSION;
  }
  return isForcedExpiry(mode) ? FORCED_EXPIRY : OWNER_BITS;
}
