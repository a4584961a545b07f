/**
 * Queue IDs: the name of a queue file carries its arrival microseconds and its inode number. Authority: mail_queue.h
 * (MQID_*), mail_queue.c. Short: five hexadecimal digits of microseconds, then the inode, both upper case. Long: six or
 * more base-52 digits of seconds, exactly four of microseconds, `z`, the inode in base 51, which has no `z`.
 */

import { formatSafeDigits, parseSafeDigits } from './safe-digits.ts';

export interface ShortQueueId {
  readonly form: 'short';
  readonly text: string;
  /** 0 to 999,999 in what Postfix writes; up to 0xFFFFF in what it reads. */
  readonly microseconds: number;
  readonly inode: bigint;
}

export interface LongQueueId {
  readonly form: 'long';
  readonly text: string;
  /** Seconds since the epoch. */
  readonly seconds: number;
  /** 0 to 999,999 in what Postfix writes; up to 52⁴ - 1 in what it reads. */
  readonly microseconds: number;
  readonly inode: bigint;
}

export type QueueId = ShortQueueId | LongQueueId;

/**
 * What an interrupted `postsuper -s` leaves behind: a queue ID with this suffix. No queue ID can contain `#`, so Postfix
 * does not see such a file (postsuper.c, SUFFIX).
 */
export const UNFINISHED_RENAME_SUFFIX = '#FIX';

const SHORT_MICROSECONDS_WIDTH = 5;
const LONG_SECONDS_WIDTH = 6;
const LONG_MICROSECONDS_WIDTH = 4;
const LONG_SEPARATOR = 'z';
const MICROSECONDS_PER_SECOND = 1_000_000;
/** Inode numbers are `unsigned long` in Postfix; an overflow makes the name invalid. */
const MAXIMUM_INODE = 0xffff_ffff_ffff_ffffn;
/** mail_queue_id_ok(): VALID_HOSTNAME_LEN. */
const MAXIMUM_LENGTH = 255;

const HEXADECIMAL = /^[0-9A-F]+$/;

/**
 * Reads a queue ID; `undefined` when the text is none. Only what Postfix itself writes is taken: strtoul() would take
 * lower case and `0x` too, but on disk `a` and `A` are different files. Leading zeros of the inode are taken.
 */
export function parseQueueId(text: string): QueueId | undefined {
  if (text.length > MAXIMUM_LENGTH) {
    return undefined;
  }
  // MQID_FIND_LG_INUM_SEPARATOR: the last `z`, and only where ten digits of time stand before it: `z` is a digit of the
  // time, too.
  const separator = text.lastIndexOf(LONG_SEPARATOR);
  return separator >= LONG_SECONDS_WIDTH + LONG_MICROSECONDS_WIDTH ? parseLong(text, separator) : parseShort(text);
}

function parseShort(text: string): ShortQueueId | undefined {
  // A name of five characters or fewer has no inode (mail_queue.h, MQID_GET_INUM: EINVAL).
  if (text.length <= SHORT_MICROSECONDS_WIDTH || !HEXADECIMAL.test(text)) {
    return undefined;
  }
  const inode = BigInt(`0x${text.slice(SHORT_MICROSECONDS_WIDTH)}`);
  if (inode > MAXIMUM_INODE) {
    return undefined;
  }
  const microseconds = Number.parseInt(text.slice(0, SHORT_MICROSECONDS_WIDTH), 16);
  return { form: 'short', text, microseconds, inode };
}

function parseLong(text: string, separator: number): LongQueueId | undefined {
  const microsecondsAt = separator - LONG_MICROSECONDS_WIDTH;
  const seconds = parseSafeDigits(text.slice(0, microsecondsAt), 52);
  const microseconds = parseSafeDigits(text.slice(microsecondsAt, separator), 52);
  const inode = parseSafeDigits(text.slice(separator + 1), 51);
  if (seconds === undefined || microseconds === undefined || inode === undefined) {
    return undefined;
  }
  if (seconds > BigInt(Number.MAX_SAFE_INTEGER) || inode > MAXIMUM_INODE) {
    return undefined;
  }
  return { form: 'long', text, seconds: Number(seconds), microseconds: Number(microseconds), inode };
}

/** Makes the short ID that mail_queue_enter() makes without enable_long_queue_ids. */
export function formatShortQueueId({ microseconds, inode }: Omit<ShortQueueId, 'form' | 'text'>): ShortQueueId {
  const text = shortMicroseconds(microseconds) + inode.toString(16).toUpperCase();
  return { form: 'short', text, microseconds, inode };
}

/** Makes the long ID that mail_queue_enter() makes with enable_long_queue_ids. */
export function formatLongQueueId({ seconds, microseconds, inode }: Omit<LongQueueId, 'form' | 'text'>): LongQueueId {
  const secondsDigits = formatSafeDigits(BigInt(seconds), 52, LONG_SECONDS_WIDTH);
  const microsecondsDigits = formatSafeDigits(BigInt(microseconds), 52, LONG_MICROSECONDS_WIDTH);
  const inodeDigits = formatSafeDigits(inode, 51, 0);
  const text = secondsDigits + microsecondsDigits + LONG_SEPARATOR + inodeDigits;
  return { form: 'long', text, seconds, microseconds, inode };
}

/** The same ID for another file: form and time digits stay, so the Message-ID that cleanup(8) derives stays unique. */
export function withInode(id: QueueId, inode: bigint): QueueId {
  return id.form === 'short' ? formatShortQueueId({ ...id, inode }) : formatLongQueueId({ ...id, inode });
}

/**
 * The short ID that `postsuper -s` gives a file with a long one: the microseconds in hexadecimal, and the inode. Four digits
 * in base 52 can say more than a second has: in six hexadecimal digits, of which Postfix takes five, they would make another
 * inode number.
 */
export function toShort(id: QueueId, inode: bigint): ShortQueueId {
  return formatShortQueueId({ microseconds: id.microseconds % MICROSECONDS_PER_SECOND, inode });
}

/** The next name to try when one is taken: the microseconds counted up, wrapping to 0 within the same second. */
export function nextMicrosecond(id: QueueId): QueueId {
  const microseconds = id.microseconds + 1 < MICROSECONDS_PER_SECOND ? id.microseconds + 1 : 0;
  return id.form === 'short' ? formatShortQueueId({ ...id, microseconds }) : formatLongQueueId({ ...id, microseconds });
}

/** The microseconds as a short ID begins with them: `%05X`. Long IDs are hashed by these digits, too. */
export function shortMicroseconds(microseconds: number): string {
  return microseconds.toString(16).toUpperCase().padStart(SHORT_MICROSECONDS_WIDTH, '0');
}
