import { describe, expect, test } from 'vitest';
import { decodeEntryHeader, encodeEntryHeader, isZeros, TAR_END, tarPadding } from '../../../src/archive/tar-entry.ts';
import { ArchiveError } from '../../../src/errors.ts';
import type { EntryDescription } from '../../../src/format/file-metadata.ts';
import { messageFile, SNAPSHOT_ID } from '../../support/archive/sample-archive.ts';

const { metadata } = messageFile('deferred', { number: 1, content: Buffer.from('content') });

function entry(over: Partial<EntryDescription['metadata']> = {}, name = 'queue/hold/0000110001'): EntryDescription {
  return { name, snapshotId: SNAPSHOT_ID, metadata: { ...metadata, ...over } };
}

describe('headers', () => {
  test.each([
    entry(),
    entry({ uid: 0, gid: 0, mode: 0, size: 0, mtimeNs: 0n, inode: 0n, atimeNs: 0n }),
    entry({ uid: 4_294_967_295, gid: 2_097_152, mode: 0o7777, size: 2 ** 50 }),
    entry({ mtimeNs: -9_999_999_999n, atimeNs: 2n ** 63n }),
    entry({ uname: 'ü'.repeat(40), gname: 'x'.repeat(33) }),
    entry({}, `queue/hold/${'0'.repeat(200)}0000110001`),
  ])('come back whole, and fill whole blocks: %#', (description) => {
    const bytes = encodeEntryHeader(description);
    expect(bytes.length % 512).toBe(0);
    const shifted = Buffer.concat([new Uint8Array(100), bytes, new Uint8Array(600)]);
    expect(decodeEntryHeader(shifted, 100)).toEqual({ entry: description, length: bytes.length });
  });

  test('altered in any bit of any byte are refused', () => {
    const bytes = Buffer.from(encodeEntryHeader(entry()));
    for (let at = 0; at < bytes.length; at += 1) {
      const altered = Buffer.from(bytes);
      altered[at] = (altered[at] ?? 0) ^ (1 << (at % 8));
      expect(() => decodeEntryHeader(altered, 0)).toThrow(ArchiveError);
    }
  });

  test('that are cut, or elsewhere, are refused', () => {
    const bytes = encodeEntryHeader(entry());
    for (const length of [0, 1, 511, 512, 1024, bytes.length - 1]) {
      expect(() => decodeEntryHeader(bytes.subarray(0, length), 0)).toThrow(ArchiveError);
    }
    for (const offset of [1, 512, bytes.length, bytes.length + 1]) {
      expect(() => decodeEntryHeader(bytes, offset)).toThrow(ArchiveError);
    }
    expect(() => decodeEntryHeader(TAR_END, 0)).toThrow(ArchiveError);
  });
});

test('padding fills the last block', () => {
  expect([0, 1, 511, 512, 513].map(tarPadding)).toEqual([0, 511, 1, 0, 511]);
});

test('isZeros looks at every byte', () => {
  expect(isZeros(new Uint8Array(0))).toBe(true);
  expect(isZeros(new Uint8Array(1024))).toBe(true);
  for (const at of [0, 511, 1023]) {
    const bytes = new Uint8Array(1024);
    bytes[at] = 1;
    expect(isZeros(bytes)).toBe(false);
  }
});
