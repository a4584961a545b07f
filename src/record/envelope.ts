/**
 * Who a message is from and to, and what else the records outside the message say.
 */

import type { RecordTime } from './record-text.ts';
import type { SizeRecord } from './size-record.ts';

export interface Recipient {
  /** As on disk: unquoted, in no known character set. */
  readonly address: Uint8Array;
  /** As it was submitted; missing in what pickup(8) has not seen. */
  readonly originalAddress: Uint8Array | undefined;
  /** Delivered or returned: a D record. What is to do is an R record. */
  readonly done: boolean;
  /** NOTIFY as dsn_mask.h has it: never 1, success 2, failure 4, delay 8. */
  readonly dsnNotify: number | undefined;
  /** ORCPT, in xtext: `rfc822;user@example.com`. Missing for a recipient that cleanup(8) added (BCC). */
  readonly dsnOriginal: Uint8Array | undefined;
}

/** How many are held of what a file may have by the million. */
export const RECIPIENTS_MAXIMUM = 100_000;
export const ATTRIBUTES_MAXIMUM = 1000;

export interface NamedAttribute {
  /** Latin-1, one character a byte, as the value. */
  readonly name: string;
  readonly value: string;
}

export interface Envelope {
  /** When Postfix received the message: the T record. */
  readonly arrival: RecordTime | undefined;
  /** Where its time in the queue counts from, in seconds since the epoch; a requeue sets it anew, unlike the arrival. */
  readonly createSeconds: number | undefined;
  readonly size: SizeRecord | undefined;
  /** In bytes, as postqueue(1) shows it: from the size record; in maildrop, and without one, the size of the file. */
  readonly messageSize: number;
  /** As on disk; empty is the null sender. */
  readonly sender: Uint8Array | undefined;
  readonly fullName: Uint8Array | undefined;
  /** In the order of the file, done and to do; the first {@link RECIPIENTS_MAXIMUM} of them. */
  readonly recipients: readonly Recipient[];
  /** How many there are in all, done and to do. */
  readonly recipientsDone: number;
  readonly recipientsToDo: number;
  /** The attribute records in their order, with those of the DSN records left out that are told with a recipient; the first {@link ATTRIBUTES_MAXIMUM}. */
  readonly attributes: readonly NamedAttribute[];
  /** When the next "mail delayed" notice is due, in seconds since the epoch; -1 once it was sent. */
  readonly warningSeconds: number | undefined;
  /** `transport:destination`. */
  readonly contentFilter: Uint8Array | undefined;
  readonly redirect: Uint8Array | undefined;
  /** VERP delimiters. */
  readonly verp: Uint8Array | undefined;
  readonly dsnEnvelopeId: Uint8Array | undefined;
  /** RET as dsn_mask.h has it: full 1, headers 2. */
  readonly dsnReturn: number | undefined;
}
