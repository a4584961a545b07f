import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeReceiptHead,
  decodeReceiptRecord,
  encodeReceiptHead,
  encodeReceiptRecord,
  type ReceiptBytes,
  type ReceiptRecord,
} from '../../../src/journal/receipt.ts';

const HALF = fc.stringMatching(/^[0-9a-f]{32}$/);
const SENDER = fc.stringMatching(/^[0-9a-f]{16}$/);
const lineage = fc.oneof(
  fc.constant({}),
  fc.record({ origin: HALF, sender: SENDER }),
  fc.record({ submission: HALF, sender: SENDER }),
  fc.record({ origin: HALF, submission: HALF, sender: SENDER }),
);
const certain = fc.tuple(HALF, lineage).map(([fingerprint, more]): ReceiptRecord => ({ fingerprint, ...more }));
const uncertain = fc
  .tuple(HALF, HALF, lineage, fc.constantFrom('A00011F', '4Zk3xh1Dh8zBrRC'))
  .map(([first, other, more, uncertainId]): ReceiptRecord => ({ fingerprint: first + other, ...more, uncertainId }));

function bytesOf(content: Uint8Array): ReceiptBytes {
  let at = 0;
  return {
    take: (length) => {
      const taken = Buffer.from(content.subarray(at, at + length));
      at += length;
      return taken.length === length ? taken : undefined;
    },
  };
}

describe('a receipt record', () => {
  it('is read as it was written, in 41 bytes for most and 57 at most', () => {
    fc.assert(
      fc.property(fc.oneof(certain, uncertain), (record) => {
        const encoded = encodeReceiptRecord(record);
        expect(decodeReceiptRecord(bytesOf(encoded))).toEqual(record);
        if (record.uncertainId === undefined) {
          expect(encoded.length).toBeLessThanOrEqual(record.submission === undefined ? 41 : 57);
        }
      }),
    );
  });

  it('keeps the first half of a digest', () => {
    const encoded = encodeReceiptRecord({
      fingerprint: 'ab'.repeat(32),
      origin: 'cd'.repeat(32),
      sender: '0'.repeat(16),
    });
    expect(decodeReceiptRecord(bytesOf(encoded))).toMatchObject({
      fingerprint: 'ab'.repeat(16),
      origin: 'cd'.repeat(16),
    });
  });

  it('is none when it is cut, or anything else', () => {
    fc.assert(
      fc.property(fc.oneof(certain, uncertain), fc.nat(), (record, cut) => {
        const encoded = encodeReceiptRecord(record);
        expect(decodeReceiptRecord(bytesOf(encoded.subarray(0, cut % encoded.length)))).toBeUndefined();
      }),
    );
    expect(decodeReceiptRecord(bytesOf(Buffer.of(0x20)))).toBeUndefined();
    expect(decodeReceiptRecord(bytesOf(Buffer.of(0x48, ...new Uint8Array(99))))).toBeUndefined();
    expect(decodeReceiptRecord(bytesOf(Buffer.of(0)))).toBe('end');
  });
});

describe('the head of a receipt', () => {
  const head = {
    snapshotId: 's',
    into: 'hold',
    archive: 'a\nb.tar.zst',
    started: '2026-01-01',
    finished: '2026-01-02',
  };

  it('is read as it was written, and takes one line', () => {
    const text = Buffer.from(encodeReceiptHead(head)).toString();
    expect(text.indexOf('\n')).toBe(text.length - 1);
    expect(decodeReceiptHead(text.trimEnd())).toEqual(head);
  });

  it.each([
    '',
    'null',
    '[]',
    '{}',
    '{"receipt":2,"snapshot_id":"s","into":"","archive":"","started":"","finished":""}',
  ])('is not %s', (text) => {
    expect(decodeReceiptHead(text)).toBeUndefined();
  });
});
