/**
 * The receipt of a restore that is done: what is left of its journal, so that what was restored is not restored again. A
 * line of JSON tells of which archive, and when; then comes a record for each message; then a zero byte, the number of
 * records (4 bytes, big-endian) and the sha256 of all before it.
 *
 * | bytes | of a record |
 * |---|---|
 * | 1 | `@` and what follows: 1 an origin, 2 a submission, 4 nobody can tell whether Postfix had it |
 * | 16 | of the fingerprint, the first half |
 * | 16 | of the origin, if any, the first half: what it is known by where cleanup(8) has written it anew |
 * | 16 | of the submission, if any, the first half: noted of what was in maildrop (record/lineage.ts) |
 * | 8 | of the sha256 of what stays of its sender, where it has an origin or a submission |
 * | 16, 1, n | of what nobody can tell: the other half of the fingerprint; the length of its new queue ID, and the ID |
 *
 * So 41 bytes tell of most messages, and 57 of those that were in maildrop. Half a digest is 128 bits: nobody finds
 * another message that has the same.
 */

import { createHash } from 'node:crypto';
import { recordIn } from '../format/json-member.ts';
import { parseQueueId } from '../queue/queue-id.ts';
import type { JournalHead } from './journal.ts';

const RECEIPT_VERSION = 1;

/** Of which archive, and when. Times are ISO 8601. */
export interface ReceiptHead extends Pick<JournalHead, 'snapshotId' | 'into' | 'archive' | 'started'> {
  readonly finished: string;
}

/** What a message that was restored is known by. Digests are in hexadecimal. */
export interface ReceiptRecord {
  /** The first half; of what nobody can tell, all of it. */
  readonly fingerprint: string;
  readonly origin?: string;
  readonly submission?: string;
  readonly sender?: string;
  /** The queue ID that it was given, of what nobody can tell whether Postfix had it. */
  readonly uncertainId?: string;
}

const HALF_DIGITS = 32;
const SENDER_DIGITS = 16;
const [BASE, ORIGIN, SUBMISSION, UNCERTAIN] = [0x40, 1, 2, 4];
/** The end: a zero byte, the number of records, the digest. */
const COUNT_BYTES = 4;
const DIGEST_BYTES = 32;

/** The line that a receipt begins with, with its newline. */
export function encodeReceiptHead({ snapshotId, into, archive, started, finished }: ReceiptHead): Uint8Array {
  const head = { receipt: RECEIPT_VERSION, snapshot_id: snapshotId, into, archive, started, finished };
  return Buffer.from(`${JSON.stringify(head)}\n`);
}

/** Reads that line, without its newline; undefined where it is none, or of another version. */
export function decodeReceiptHead(text: string): ReceiptHead | undefined {
  const { receipt, snapshot_id: snapshotId, into, archive, started, finished } = recordIn(text) ?? {};
  const isText = typeof snapshotId === 'string' && typeof into === 'string' && typeof archive === 'string';
  return receipt === RECEIPT_VERSION && isText && typeof started === 'string' && typeof finished === 'string'
    ? { snapshotId, into, archive, started, finished }
    : undefined;
}

/** The digests of a record, in their order: how many digits of each, and which flags it goes with. */
const DIGESTS = [
  { name: 'fingerprint', digits: HALF_DIGITS, flags: BASE },
  { name: 'origin', digits: HALF_DIGITS, flags: ORIGIN },
  { name: 'submission', digits: HALF_DIGITS, flags: SUBMISSION },
  { name: 'sender', digits: SENDER_DIGITS, flags: ORIGIN | SUBMISSION },
  { name: 'otherHalf', digits: HALF_DIGITS, flags: UNCERTAIN },
] as const;

/** The bytes of one record. */
export function encodeReceiptRecord(record: ReceiptRecord): Uint8Array {
  const { origin, submission, uncertainId } = record;
  const flags =
    BASE |
    (origin === undefined ? 0 : ORIGIN) |
    (submission === undefined ? 0 : SUBMISSION) |
    (uncertainId === undefined ? 0 : UNCERTAIN);
  const members = { ...record, otherHalf: record.fingerprint.slice(HALF_DIGITS) };
  const digits = DIGESTS.filter((digest) => (flags & digest.flags) !== 0).map((digest) =>
    (members[digest.name] ?? '').slice(0, digest.digits),
  );
  const bytes = Buffer.from(flags.toString(16) + digits.join(''), 'hex');
  return uncertainId === undefined
    ? bytes
    : Buffer.concat([bytes, Buffer.of(uncertainId.length), Buffer.from(uncertainId, 'latin1')]);
}

/** Where a receipt is read from, in order. */
export interface ReceiptBytes {
  /** The next so many bytes; undefined where there are not as many. */
  readonly take: (length: number) => Buffer | undefined;
}

/** Reads the next record: 'end' where there is none any more, undefined where what follows is none. */
export function decodeReceiptRecord({ take }: ReceiptBytes): ReceiptRecord | 'end' | undefined {
  const flags = take(1)?.[0];
  if (flags === 0) {
    return 'end';
  }
  if (flags === undefined || (flags & ~(ORIGIN | SUBMISSION | UNCERTAIN)) !== BASE) {
    return undefined;
  }
  const members: Partial<Record<(typeof DIGESTS)[number]['name'], string>> = {};
  for (const digest of DIGESTS.filter((one) => (flags & one.flags) !== 0)) {
    const bytes = take(digest.digits / 2);
    if (bytes === undefined) {
      return undefined;
    }
    members[digest.name] = bytes.toString('hex');
  }
  const { fingerprint = '', otherHalf = '', ...digests } = members;
  const record = { fingerprint: fingerprint + otherHalf, ...digests };
  if ((flags & UNCERTAIN) === 0) {
    return record;
  }
  const uncertainId = take(take(1)?.[0] ?? 0)?.toString('latin1') ?? '';
  return parseQueueId(uncertainId) === undefined ? undefined : { ...record, uncertainId };
}

/** Reckons what stands at the end of a receipt, of all that is before it. */
export class ReceiptEnd {
  readonly #hash = createHash('sha256');
  #records = 0;

  update(bytes: Uint8Array, { isRecord }: { readonly isRecord: boolean }): void {
    this.#hash.update(bytes);
    this.#records += isRecord ? 1 : 0;
  }

  encode(): Uint8Array {
    const count = Buffer.alloc(1 + COUNT_BYTES);
    count.writeUInt32BE(this.#records, 1);
    return Buffer.concat([count, this.#hash.copy().update(count).digest()]);
  }

  /** Whether what follows the zero byte is the end of just that, and nothing comes after it. */
  fits({ take }: ReceiptBytes): boolean {
    const found = take(COUNT_BYTES + DIGEST_BYTES);
    return found?.equals(this.encode().subarray(1)) === true && take(1) === undefined;
  }
}
