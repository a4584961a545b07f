import { describe, expect, test } from 'vitest';
import { ArchiveError } from '../../../src/errors.ts';
import { decodeMetadata, encodeMetadata, type FileMetadata } from '../../../src/format/file-metadata.ts';
import { decodePaxRecords, encodePaxRecord } from '../../../src/format/pax-record.ts';
import { formatTimestamp, parseTimestamp } from '../../../src/format/timestamp.ts';

const METADATA: FileMetadata = {
  mode: 0o700,
  uid: 3_000_000,
  gid: 0,
  uname: 'postfix',
  mtimeNs: 1_767_323_045_000_000_009n,
  atimeNs: -1n,
  inode: 18_446_744_073_709_551_615n,
  sha256: 'ab'.repeat(32),
  size: 5_000_000_000,
};
const NAME = 'queue/hold/3F1A2C0FFEE';
const ENTRY = { name: NAME, snapshotId: 'the snapshot', metadata: METADATA };

function decode(text: string, over: { name?: string; mode?: number } = {}): unknown {
  const records = decodePaxRecords(Buffer.from(text));
  return decodeMetadata({ name: NAME, mode: METADATA.mode, records, ...over });
}

describe('metadata', () => {
  test('is standard pax records, and JSON in a comment', () => {
    const text = encodeMetadata(ENTRY);
    const [comment = '', ...rest] = text.split('\n').filter((line) => line.includes('comment='));
    expect(rest).toEqual([]);
    expect(text.split('\n').slice(0, 5)).toEqual([
      '30 mtime=1767323045.000000009',
      '15 uid=3000000',
      '8 gid=0',
      '19 size=5000000000',
      '17 uname=postfix',
    ]);
    expect(JSON.parse(comment.slice(comment.indexOf('{')))).toEqual({
      snapshot: 'the snapshot',
      inode: '18446744073709551615',
      atime: '-0.000000001',
      sha256: METADATA.sha256,
      digest: expect.stringMatching(/^[0-9a-f]{16}$/),
    });
  });

  test('comes back whole', () => {
    expect(decode(encodeMetadata(ENTRY))).toEqual(ENTRY);
    const name = `queue/hold/${'0'.repeat(150)}3F1A2C0FFEE`;
    expect(decode(encodeMetadata({ ...ENTRY, name }), { name })).toEqual({ ...ENTRY, name });
  });

  test('does not fit another name or mode', () => {
    expect(() => decode(encodeMetadata(ENTRY), { name: 'queue/hold/3F1A2C0FFED' })).toThrow(ArchiveError);
    expect(() => decode(encodeMetadata(ENTRY), { mode: 0o710 })).toThrow(ArchiveError);
  });

  test('altered in any byte is refused', () => {
    const bytes = Buffer.from(encodeMetadata(ENTRY));
    for (let at = 0; at < bytes.length; at += 1) {
      for (const bit of [1, 2, 0x20]) {
        const altered = Buffer.from(bytes);
        altered[at] = (altered[at] ?? 0) ^ bit;
        expect(() => decode(altered.toString('latin1'))).toThrow(ArchiveError);
      }
    }
  });

  test('with a record too many, too few or out of order is refused', () => {
    const records = decodePaxRecords(Buffer.from(encodeMetadata(ENTRY)));
    const variants = [
      records.slice(1),
      records.slice(0, -1),
      [],
      [...records, ...records.slice(0, 1)],
      [...records.slice(0, 1), ...records],
      [...records.slice(1, 2), ...records.slice(0, 1), ...records.slice(2)],
      [['linkpath', '/etc/passwd'] as const, ...records],
    ];
    for (const variant of variants) {
      expect(() => decodeMetadata({ name: NAME, mode: METADATA.mode, records: variant })).toThrow(ArchiveError);
    }
  });
});

describe('pax records', () => {
  test.each([
    ['a', '', '5 a=\n'],
    ['k', '1234', '9 k=1234\n'],
    ['k', '12345', '11 k=12345\n'],
    ['uname', 'jürgen', '17 uname=jürgen\n'],
    ['k', 'a=b\nc', '11 k=a=b\nc\n'],
    ['k', 'x'.repeat(93), `99 k=${'x'.repeat(93)}\n`],
    ['k', 'x'.repeat(94), `101 k=${'x'.repeat(94)}\n`],
  ])('%s=%j counts its own length', (keyword, value, text) => {
    expect(encodePaxRecord([keyword, value])).toBe(text);
    expect(decodePaxRecords(Buffer.from(text))).toEqual([[keyword, value]]);
  });

  test.each(['x', '5 a\n', '0 a=\n', '-5 a=\n', '6 a=\n', '4 a=\n', '05 a=\n', ' a=b\n', '5 a= ', '99999 a=\n'])(
    'refuses %j',
    (text) => {
      expect(() => decodePaxRecords(Buffer.from(text))).toThrow(ArchiveError);
    },
  );
});

describe('timestamps', () => {
  test.each([
    [0n, '0.000000000'],
    [1n, '0.000000001'],
    [-1n, '-0.000000001'],
    [-1_500_000_000n, '-1.500000000'],
    [9_999_999_999_000_000_001n, '9999999999.000000001'],
  ])('%d ns is %s', (time, text) => {
    expect(formatTimestamp(time)).toBe(text);
    expect(parseTimestamp(text)).toBe(time);
  });

  test.each([
    '',
    '1',
    '1.5',
    '1.0000000000',
    '+1.000000000',
    ' 1.000000000',
    '1e3.000000000',
    'NaN',
    '01.000000000',
    '-0.000000000',
  ])('refuses %j', (text) => {
    expect(() => parseTimestamp(text)).toThrow(ArchiveError);
  });
});
