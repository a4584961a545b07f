import { describe, expect, it } from 'vitest';
import type { ByteSource } from '../../../src/byte-source.ts';
import { bytesSource } from '../../../src/byte-source.ts';
import { messageContent } from '../../../src/record/content.ts';
import { examineQueueFile } from '../../../src/record/examine.ts';
import { fingerprintOf } from '../../../src/record/fingerprint.ts';
import { ENVELOPE, type LetterRecord, queueFile, recordsOf } from '../../support/queue/queue-file-builder.ts';

const LARGEST_READ = 1024 * 1024;

/** A source as a file gives it: each answer is a view of one buffer, which the next one overwrites. */
function fileSource(bytes: Uint8Array): ByteSource {
  const buffer = new Uint8Array(LARGEST_READ);
  return {
    size: bytes.length,
    read: (offset, length) => {
      if (length > LARGEST_READ) {
        throw new Error(`${length} bytes asked for at once`);
      }
      buffer.fill(0xee);
      buffer.set(bytes.subarray(offset, offset + length));
      return buffer.subarray(0, Math.max(0, Math.min(length, bytes.length - offset)));
    },
  };
}

/** A message with recipients behind 5 MB of content: pointers lead over window after window. */
function largeFile(): Buffer {
  const content = Array.from({ length: 40_000 }, (_, line): LetterRecord => ['N', `${line} `.padEnd(120, 'x')]);
  const pointers: LetterRecord[] = [...ENVELOPE, ['p', '0'.padStart(15)]];
  const plain = queueFile({ envelope: pointers, content });
  const backTo = plain.indexOf(recordsOf([['M', '']]));
  const appended = recordsOf([
    ['R', 'late@example.com'],
    ['p', String(backTo).padStart(15)],
  ]);
  const edited = Buffer.concat([plain, appended]);
  edited.set(recordsOf([['p', String(plain.length).padStart(15)]]), backTo - 17);
  return edited;
}

describe('a file of many windows', () => {
  const bytes = largeFile();
  const source = fileSource(bytes);

  it('is examined as it is from memory', () => {
    const examination = examineQueueFile(source, 'deferred');
    expect(examination).toEqual(examineQueueFile(bytesSource(bytes), 'deferred'));
    expect(examination.faults).toEqual([]);
    expect(examination.envelope.recipients.map(({ address }) => Buffer.from(address).toString())).toEqual([
      'bob@example.com',
      'late@example.com',
    ]);
  });

  it('has the same fingerprint', () => {
    const { mutableBytes } = examineQueueFile(source, 'deferred');
    expect(fingerprintOf(source, mutableBytes)).toBe(fingerprintOf(bytesSource(bytes), mutableBytes));
  });

  it('gives the message in pieces that stay as they are', () => {
    const pieces = [...messageContent(source)];
    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(256 * 1024);
    const lines = Buffer.concat(pieces).toString().split('\n');
    expect(lines).toHaveLength(40_001);
    expect(lines[39_999]).toMatch(/^39999 x+$/);
  });

  it('that shrinks while it is read has a fault, and no more', () => {
    const shrunk: ByteSource = {
      size: bytes.length,
      read: (offset, length) => bytes.subarray(offset, Math.min(offset + length, 100_000)),
    };
    expect(examineQueueFile(shrunk, 'deferred').faults.map(({ kind }) => kind)).toEqual([
      expect.stringMatching(/cut-record|missing-end/),
    ]);
  });
});
