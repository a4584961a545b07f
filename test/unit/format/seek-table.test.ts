import { describe, expect, test } from 'vitest';
import { FRAME_MAXIMUM } from '../../../src/format/limits.ts';
import {
  decodeSeekTable,
  decodeSeekTableFooter,
  encodeSeekTable,
  type FrameSizes,
  SEEK_TABLE_FOOTER_SIZE,
  seekTableSize,
} from '../../../src/format/seek-table.ts';

const SIZES: FrameSizes[] = [
  { compressedSize: 100, size: 1000 },
  { compressedSize: 13, size: 0 },
  { compressedSize: 70_000, size: FRAME_MAXIMUM },
];
const TOTAL = 70_113;

describe('the seek table', () => {
  test('is the one of the zstd seekable format, byte for byte', () => {
    const table = encodeSeekTable([{ compressedSize: 0x0102, size: 0x030405 }], 1);
    const expected = '5e2a4d18 11000000 02010000 05040300 01000000 00 b1ea928f';
    expect(Buffer.from(table).toString('hex')).toBe(expected.replaceAll(' ', ''));
  });

  test('gives back where each frame stands', () => {
    const table = encodeSeekTable(SIZES, SIZES.length);
    expect(table.length).toBe(seekTableSize(3));
    expect(decodeSeekTableFooter(table.subarray(-SEEK_TABLE_FOOTER_SIZE))).toBe(3);
    const frames = decodeSeekTable(table, TOTAL + table.length);
    expect(frames).toMatchObject({ count: 3, compressedTotal: TOTAL });
    expect([0, 1, 2].map((frame) => frames.at(frame))).toEqual([
      { offset: 0, compressedSize: 100, size: 1000 },
      { offset: 100, compressedSize: 13, size: 0 },
      { offset: 113, compressedSize: 70_000, size: FRAME_MAXIMUM },
    ]);
    for (const frame of [-1, 3, 0.5, Number.NaN]) {
      expect(() => frames.at(frame)).toThrow(expect.objectContaining({ code: 'damaged' }));
    }
  });

  test('of many thousand frames is read whole', () => {
    const count = 300_000;
    const table = encodeSeekTable(
      (function* () {
        for (let frame = 0; frame < count; frame += 1) {
          yield { compressedSize: 1000, size: 2000 };
        }
      })(),
      count,
    );
    const frames = decodeSeekTable(table, count * 1000 + table.length);
    expect(frames.at(count - 1)).toEqual({ offset: (count - 1) * 1000, compressedSize: 1000, size: 2000 });
  });

  test('must account for every byte of the archive', () => {
    const table = encodeSeekTable(SIZES, SIZES.length);
    for (const size of [TOTAL + table.length - 1, TOTAL + table.length + 1, 0]) {
      expect(() => decodeSeekTable(table, size)).toThrow(expect.objectContaining({ code: 'damaged' }));
    }
  });

  test.each([
    { compressedSize: 7, size: 0 },
    { compressedSize: 0, size: 0 },
    { compressedSize: 100, size: FRAME_MAXIMUM + 1 },
    { compressedSize: 0xffff_ffff, size: 1 },
  ])('with a frame of $compressedSize and $size bytes is refused', (sizes) => {
    const table = encodeSeekTable([sizes], 1);
    expect(() => decodeSeekTable(table, sizes.compressedSize + table.length)).toThrow(
      expect.objectContaining({ code: 'damaged' }),
    );
  });

  test('that is not there means an archive that is not complete', () => {
    expect(() => decodeSeekTableFooter(new Uint8Array(9))).toThrow(expect.objectContaining({ code: 'incomplete' }));
    expect(() => decodeSeekTableFooter(new Uint8Array(3))).toThrow(expect.objectContaining({ code: 'incomplete' }));
  });
});
