/** The zstd of node:zlib, where the runtime has one. The types are those of Node 20, which has none. */

import * as zlib from 'node:zlib';
import { ArchiveError } from '../../errors.ts';
import { WINDOW_MAXIMUM } from '../../format/limits.ts';
import type { Codec } from './codec.ts';
import { outlineFrame } from './zstd-frame.ts';

interface ZstdOptions {
  readonly params: Readonly<Record<number, number>>;
  readonly chunkSize?: number;
  readonly maxOutputLength?: number;
}

type ZstdFunction = (bytes: Uint8Array, options: ZstdOptions) => Uint8Array;

/** Parameters of zstd.h, whose numbers are part of zstd's stable interface. */
const COMPRESSION_LEVEL = 100;
const WINDOW_LOG = 101;
const CHECKSUM_FLAG = 201;
const DECOMPRESSION_WINDOW_LOG_MAXIMUM = 100;

const WINDOW_LOG_MAXIMUM = Math.log2(WINDOW_MAXIMUM);
const DEFAULT_WINDOW = 0;
/** From here on zstd's own window would be bigger than what a reader accepts. */
const LEVEL_OF_BIG_WINDOWS = 17;
const CHUNK_SIZE = 256 * 1024;

/** The codec, or undefined where node:zlib has no zstd. */
export function loadNativeCodec(): Codec | undefined {
  const compressSync = zstdFunction('zstdCompressSync');
  const decompressSync = zstdFunction('zstdDecompressSync');
  if (compressSync === undefined || decompressSync === undefined) {
    return undefined;
  }
  return {
    name: 'native',
    compress: (bytes, level) => compressSync(bytes, compressionOptions(level)),
    decompress: (frame, maximumSize) => decompress(decompressSync, frame, maximumSize),
  };
}

function zstdFunction(name: string): ZstdFunction | undefined {
  const value: unknown = Reflect.get(zlib, name);
  return isFunction(value) ? value : undefined;
}

function isFunction(value: unknown): value is ZstdFunction {
  return typeof value === 'function';
}

function compressionOptions(level: number): ZstdOptions {
  const windowLog = level >= LEVEL_OF_BIG_WINDOWS ? WINDOW_LOG_MAXIMUM : DEFAULT_WINDOW;
  return {
    params: { [COMPRESSION_LEVEL]: level, [CHECKSUM_FLAG]: 1, [WINDOW_LOG]: windowLog },
    chunkSize: CHUNK_SIZE,
  };
}

function decompress(decompressSync: ZstdFunction, frame: Uint8Array, maximumSize: number): Uint8Array {
  if (outlineFrame(frame).compressedSize !== frame.length) {
    throw new ArchiveError('damaged', 'what is packed there is not as long as it should be');
  }
  try {
    return decompressSync(frame, {
      params: { [DECOMPRESSION_WINDOW_LOG_MAXIMUM]: WINDOW_LOG_MAXIMUM },
      // The content in one piece: there is nothing to be joined.
      chunkSize: Math.max(CHUNK_SIZE, maximumSize),
      maxOutputLength: Math.max(1, maximumSize),
    });
  } catch (cause) {
    throw new ArchiveError('damaged', 'the bytes there are not as they were written', { cause });
  }
}
