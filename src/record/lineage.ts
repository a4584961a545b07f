/**
 * How a message is known again after pickup(8) and cleanup(8) have written a new file for it. Authority:
 * cleanup_envelope.c (the first T record is kept), cleanup_addr.c and cleanup_out_recipient.c (the original addresses are
 * kept byte for byte; recipients that cleanup(8) adds have no original address of DSN, all others get one since Postfix
 * 3.0), pickup.c and cleanup_message.c (the text).
 */

import { hash } from 'node:crypto';
import type { ByteSource } from '../byte-source.ts';
import type { Envelope, Recipient } from './envelope.ts';
import type { QueueFileExamination } from './examine.ts';

/**
 * Two files are one message where the `origin` of one is the `submission` of the other. Both are digests, in hexadecimal,
 * of what does not change: the arrival to the microsecond, the addresses that it was submitted to, and of the text what
 * lasts. The sender is not in them: sender_canonical_maps may make another of it.
 */
export interface Lineage {
  /** What cleanup(8) is given when pickup(8) takes this file, now or after `postsuper -r`. */
  readonly submission: string;
  /** What cleanup(8) was given when it wrote this file; null for a submission that it has not seen. */
  readonly origin: string | null;
}

/**
 * The lineage of a queue file.
 *
 * @returns undefined where its arrival is not told to the microsecond: then it can't be told from others of that second
 */
export function lineageOf({ envelope, text }: QueueFileExamination, source: ByteSource): Lineage | undefined {
  const { arrival, recipients } = envelope;
  if (arrival === undefined || arrival.microseconds === 0) {
    return undefined;
  }
  const { offset, length } = text.body;
  const lasting = [
    Buffer.from(`${arrival.seconds}.${arrival.microseconds}\0${text.headers}\0${text.bodyLength}\0`, 'latin1'),
    source.read(offset, length),
  ];
  const submitted = addressList(recipients.filter(({ done }) => !done).map(asSubmitted));
  const submission = digestOf(lasting, submitted);
  const given = givenRecipients(envelope);
  if (given === undefined) {
    return { submission, origin: null };
  }
  const origin = addressList(given.map(asSubmitted));
  return { submission, origin: origin === submitted ? submission : digestOf(lasting, origin) };
}

/** The recipients that cleanup(8) was given; undefined where it has not seen the file: postdrop(1) takes no O records. */
function givenRecipients({ recipients }: Envelope): readonly Recipient[] | undefined {
  const seen = recipients.filter(({ originalAddress }) => originalAddress !== undefined);
  if (seen.length === 0) {
    return undefined;
  }
  const given = seen.filter(({ dsnOriginal }) => dsnOriginal !== undefined);
  // Before Postfix 3.0, and where a filter dropped what is of DSN: nothing tells what was added.
  return given.length > 0 ? given : seen;
}

function asSubmitted({ originalAddress, address }: Recipient): Uint8Array {
  return originalAddress ?? address;
}

function addressList(addresses: readonly Uint8Array[]): string {
  const texts = addresses
    .filter(({ length }) => length > 0)
    .map(({ buffer, byteOffset, length }) => Buffer.from(buffer, byteOffset, length).toString('latin1'));
  return [...new Set(texts)].toSorted().join('\0');
}

function digestOf(lasting: readonly Uint8Array[], addresses: string): string {
  return hash('sha256', Buffer.concat([...lasting, Buffer.from(addresses, 'latin1')]));
}

/** What stays of a sender as postqueue(1) prints it, unless canonical maps change it: the part before the domain. */
export function lastingSender(printed: string): string {
  const at = printed.lastIndexOf('@');
  return (at < 0 ? printed : printed.slice(0, at)).toLowerCase();
}
