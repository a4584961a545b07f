import { array, assert, property, string, uint8Array } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeFrame, FrameDecoder, FrameError, readFrame } from '../../../src/rights/frame.ts';

const LIMITS = { text: 1000, bytes: 1000 };

function pieces(bytes: Uint8Array, length: number): Uint8Array[] {
  return Array.from({ length: Math.ceil(bytes.length / length) }, (_, index) =>
    bytes.subarray(index * length, (index + 1) * length),
  );
}

describe('frames', () => {
  it('come out as they went in, however the stream is cut', () => {
    const frames = array(
      string({ maxLength: 50 }).chain((text) => uint8Array({ maxLength: 50 }).map((bytes) => ({ text, bytes }))),
    );
    assert(
      property(frames, (all) => {
        const stream = Buffer.concat(all.map(({ text, bytes }) => encodeFrame(text, bytes)));
        for (const length of [1, 3, 7, 64, 100_000]) {
          const decoder = new FrameDecoder(LIMITS);
          const found = pieces(stream, length).flatMap((piece) => decoder.push(piece));
          expect(found.map(({ text, bytes }) => ({ text, bytes: Buffer.from(bytes) }))).toEqual(
            all.map(({ text, bytes }) => ({ text: Buffer.from(text).toString(), bytes: Buffer.from(bytes) })),
          );
        }
      }),
      { numRuns: 50 },
    );
  });

  it('are read one at a time from what waits', () => {
    const stream = Buffer.concat([encodeFrame('one', Buffer.from('raw')), encodeFrame('two')]);
    let at = 0;
    const readFully = (length: number): Uint8Array => {
      at += length;
      return stream.subarray(at - length, at);
    };
    expect(readFrame(readFully, LIMITS)).toMatchObject({ text: 'one', bytes: Buffer.from('raw') });
    expect(readFrame(readFully, LIMITS)).toMatchObject({ text: 'two' });
    expect(at).toBe(stream.length);
  });

  it.each([
    [1001, 0],
    [0, 1001],
    [0xffff_ffff, 0xffff_ffff],
  ])('of %i and %i bytes are refused before memory is taken', (text, bytes) => {
    const head = Buffer.alloc(8);
    head.writeUInt32BE(text, 0);
    head.writeUInt32BE(bytes, 4);
    expect(() => new FrameDecoder(LIMITS).push(head)).toThrow(FrameError);
    expect(() => readFrame(() => head, LIMITS)).toThrow(FrameError);
  });
});
