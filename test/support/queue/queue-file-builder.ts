import { encodeRecord } from '../../../src/record/record.ts';
import { formatSizeRecord } from '../../../src/record/size-record.ts';

/** A record as its type letter and its payload, Latin-1. */
export type LetterRecord = readonly [letter: string, payload?: string];

/** Encodes records one after the other. */
export function recordsOf(records: readonly LetterRecord[]): Buffer {
  return Buffer.concat(
    records.map(([letter, payload = '']) => encodeRecord(letter.charCodeAt(0), Buffer.from(payload, 'latin1'))),
  );
}

export interface QueueFileParts {
  readonly envelope?: readonly LetterRecord[];
  readonly content?: readonly LetterRecord[];
  readonly extracted?: readonly LetterRecord[];
  /** Instead of the right one. */
  readonly size?: string;
}

export const ENVELOPE: readonly LetterRecord[] = [
  ['T', '1700000000 123456'],
  ['A', 'rewrite_context=local'],
  ['S', 'alice@example.com'],
  ['O', 'bob'],
  ['R', 'bob@example.com'],
];

const CONTENT: readonly LetterRecord[] = [
  ['N', 'Subject: hello'],
  ['N', ''],
  ['N', 'Hello.'],
];

const SIZE_RECORD_LENGTH = 2 + 6 * 15 + 5;

/** A queue file as cleanup(8) writes it, with a size record that is right unless told otherwise. */
export function queueFile(parts: QueueFileParts = {}): Buffer {
  const envelope = recordsOf([...(parts.envelope ?? ENVELOPE), ['M', '']]);
  const content = recordsOf(parts.content ?? CONTENT);
  const extracted = recordsOf([['X', ''], ...(parts.extracted ?? []), ['E', '']]);
  const right = formatSizeRecord({
    dataSize: content.length,
    dataOffset: SIZE_RECORD_LENGTH + envelope.length,
    recipientCount: 1,
    queueManagerFlags: 0,
    contentLength: content.length,
    sendOptions: 0,
  });
  return Buffer.concat([recordsOf([['C', parts.size ?? right]]), envelope, content, extracted]);
}

/** A maildrop file as postdrop(1) writes it. */
export function maildropFile(parts: Omit<QueueFileParts, 'size'> = {}): Buffer {
  return recordsOf([
    ...(parts.envelope ?? ENVELOPE),
    ['M', ''],
    ...(parts.content ?? CONTENT),
    ['X', ''],
    ...(parts.extracted ?? []),
    ['E', ''],
  ]);
}
