import { describe, expect, test, vi } from 'vitest';
import { availableCodecs, loadCodec } from '../../../../src/archive/zstd/load-codec.ts';
import { outlineFrame } from '../../../../src/archive/zstd/zstd-frame.ts';
import { ArchiveError } from '../../../../src/errors.ts';
import { noise } from '../../../support/archive/sample-archive.ts';

vi.setConfig({ testTimeout: 120_000 });

const codecs = await Promise.all(availableCodecs().map((name) => loadCodec(name)));
const [fastest = await loadCodec()] = codecs;

const RAW_BLOCK_MAXIMUM = 128 * 1024;

/** A frame of RLE blocks: a few bytes that claim gigabytes. */
function bomb(blocks: number): Uint8Array {
  const header = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58);
  const parts: Uint8Array[] = [header];
  for (let block = 0; block < blocks; block += 1) {
    const word = (RAW_BLOCK_MAXIMUM << 3) | (1 << 1) | (block === blocks - 1 ? 1 : 0);
    parts.push(Uint8Array.of(word & 0xff, (word >>> 8) & 0xff, (word >>> 16) & 0xff, 0x41));
  }
  return Buffer.concat(parts);
}

function caught(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}

test('the runtime has the codec that needs nothing of it, and is asked for its own first', async () => {
  expect(availableCodecs()).toContain('wasm');
  expect((await loadCodec()).name).toBe(availableCodecs()[0]);
});

test('a codec that the runtime has not is refused in words', async () => {
  if (availableCodecs().includes('native')) {
    expect((await loadCodec('native')).name).toBe('native');
  } else {
    await expect(loadCodec('native')).rejects.toMatchObject({ code: 'unavailable' });
  }
});

describe.each(codecs.map((codec) => ({ name: codec.name, codec })))('$name', ({ codec }) => {
  test.each([0, 1, 100, RAW_BLOCK_MAXIMUM, RAW_BLOCK_MAXIMUM + 1, 2_097_152, 4_194_304])(
    'compresses %i bytes into one frame that every codec reads',
    (size) => {
      const bytes = noise(size, size);
      const frame = codec.compress(bytes, 3);
      expect(outlineFrame(frame).compressedSize).toBe(frame.length);
      for (const other of codecs) {
        expect(Buffer.compare(other.decompress(frame, size), bytes)).toBe(0);
      }
    },
  );

  test.each([1, 3, 9, 10, 19])('level %i stays within the window that a reader holds', (level) => {
    const bytes = noise(4_194_304, 7);
    const frame = codec.compress(bytes, level);
    for (const other of codecs) {
      expect(Buffer.compare(other.decompress(frame, bytes.length), bytes)).toBe(0);
    }
  });

  test('gives no more than the maximum, and takes no memory for more', () => {
    const frame = codec.compress(new Uint8Array(100_000), 3);
    expect(() => codec.decompress(frame, 99_999)).toThrow(ArchiveError);
    const before = process.memoryUsage().rss;
    expect(() => codec.decompress(bomb(20_000), 4_194_304)).toThrow(ArchiveError);
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024);
  });

  test('refuses a cut frame, and one with something behind it', () => {
    const frame = codec.compress(noise(100_000, 1), 3);
    for (const length of [0, 3, 5, 9, frame.length - 1]) {
      expect(() => codec.decompress(frame.subarray(0, length), 100_000)).toThrow(ArchiveError);
    }
    expect(() => codec.decompress(Buffer.concat([frame, frame]), 400_000)).toThrow(ArchiveError);
  });

  test('an altered frame gives an ArchiveError or bytes within the maximum, never another error', () => {
    const bytes = noise(50_000, 2);
    const frame = codec.compress(bytes, 3);
    for (let at = 0; at < frame.length; at += 37) {
      const altered = Uint8Array.from(frame);
      altered[at] = (altered[at] ?? 0) ^ (1 << (at % 8));
      const result = caught(() => codec.decompress(altered, bytes.length));
      expect(result instanceof ArchiveError || (result instanceof Uint8Array && result.length <= bytes.length)).toBe(
        true,
      );
    }
    expect(Buffer.compare(codec.decompress(frame, bytes.length), bytes)).toBe(0);
  });

  test('holds on to nothing over 5,000 frames', { timeout: 120_000 }, () => {
    const bytes = noise(40_000, 3);
    const frame = codec.compress(bytes, 1);
    const cut = frame.slice(0, -1);
    const cycle = (): void => {
      for (let count = 0; count < 2_500; count += 1) {
        codec.decompress(codec.compress(bytes, 1), bytes.length);
        caught(() => codec.decompress(cut, bytes.length));
        caught(() => codec.decompress(frame, 10));
      }
    };
    cycle();
    const before = process.memoryUsage().rss;
    cycle();
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024);
  });
});

test('a frame that asks for more memory than ours do is refused before any is taken', () => {
  const hugeWindow = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa0, 0x01, 0x00, 0x00);
  for (const codec of codecs) {
    expect(() => codec.decompress(hugeWindow, 4_194_304)).toThrow(/more memory/);
  }
});

test('a frame that says more than the maximum is refused', () => {
  const frame = fastest.compress(new Uint8Array(200_000), 3);
  for (const codec of codecs) {
    expect(() => codec.decompress(frame, 199_999)).toThrow(ArchiveError);
  }
});
