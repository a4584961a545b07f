/**
 * zstd-codec: zstd as WebAssembly. Its traps: more than 256 KiB in one call, or its one-shot calls on big input, can
 * abort it for good; its decompressor ends without an error on cut and altered frames. So the outline of a frame is
 * checked before, and what comes out is proven by the digests of the entries.
 */

import { type Binding, type CompressStream, type DecompressStream, run } from 'zstd-codec/lib/module.js';
import { ArchiveError, SystemError } from '../../errors.ts';
import type { Codec } from './codec.ts';
import { outlineFrame } from './zstd-frame.ts';

const PIECE_SIZE = 128 * 1024;
/** Its heap has no room for the tables of the higher levels: they count as this one. */
const LEVEL_MAXIMUM = 9;

export function loadWasmCodec(): Promise<Codec> {
  return loaded(codecOf);
}

/** @throws SystemError: WebAssembly reserves 10 GB of addresses for each thread, whatever it needs of them */
async function loaded<Result>(use: (binding: Binding) => Result): Promise<Result> {
  try {
    // The binding has a `then` of its own: resolved with it as it is, the promise would wait for it for ever.
    return await new Promise<Result>((resolve) => {
      run((binding) => resolve(use(binding)));
    });
  } catch (error) {
    throw error instanceof RangeError ? withoutMemory(error) : error;
  }
}

function withoutMemory(cause: RangeError): SystemError {
  return new SystemError('refused', "zstd can't be loaded: there is no memory for it (ENOMEM)", {
    errno: 'ENOMEM',
    nextStep: 'Allow more address space: ulimit -v unlimited. Node.js 22.15 and later take less of it.',
    cause,
  });
}

/** Decompresses a stream of any frames, as any zstd writes them, piece by piece. */
export interface ZstdInflater {
  /**
   * Takes the next bytes, and gives what comes out of them. A stream that is cut off just ends.
   *
   * @throws ArchiveError `damaged`
   */
  push(bytes: Uint8Array): Generator<Uint8Array, void, undefined>;
  /** Frees what it holds. */
  free(): void;
}

/** The biggest window that its heap has room for: that of zstd's levels up to 19, without --long and --ultra. */
export const INFLATER_WINDOW_MAXIMUM: number = 8 * 1024 * 1024;

/** So few bytes at a time, that what a bomb makes of them at once stays below some 130 MiB. */
const INFLATER_PIECE_SIZE = 4096;

/** Loads what decompresses one stream. */
export function loadZstdInflater(): Promise<ZstdInflater> {
  return loaded((binding) => new WasmInflater(binding));
}

/** Decompresses by zstd's own streaming decoder. */
class WasmInflater implements ZstdInflater {
  readonly #stream: DecompressStream;
  #isOk: boolean;

  constructor(binding: Binding) {
    this.#stream = new binding.ZstdDecompressStreamBinding();
    this.#isOk = this.#stream.begin();
  }

  *push(bytes: Uint8Array): Generator<Uint8Array, void, undefined> {
    for (let at = 0; at < bytes.length; at += INFLATER_PIECE_SIZE) {
      const pieces: Uint8Array[] = [];
      const piece = bytes.subarray(at, at + INFLATER_PIECE_SIZE);
      this.#isOk &&= this.#stream.transform(piece, (content) => void pieces.push(content));
      if (!this.#isOk) {
        throw new ArchiveError('damaged', 'what zstd compressed is damaged');
      }
      yield* pieces;
    }
  }

  free(): void {
    this.#stream.delete();
  }
}

function codecOf(binding: Binding): Codec {
  return {
    name: 'wasm',
    compress: (bytes, level) => compress(binding, bytes, level),
    decompress: (frame, maximumSize) => decompress(binding, frame, maximumSize),
  };
}

function compress(binding: Binding, bytes: Uint8Array, level: number): Uint8Array {
  const stream = new binding.ZstdCompressStreamBinding();
  try {
    const pieces: Uint8Array[] = [];
    const collect = (piece: Uint8Array): void => {
      pieces.push(piece);
    };
    const isOk = stream.begin(Math.min(level, LEVEL_MAXIMUM)) && feed(stream, piecesOf(bytes), collect);
    if (!isOk) {
      throw new Error('zstd-codec can not compress');
    }
    return Buffer.concat(pieces);
  } finally {
    stream.delete();
  }
}

function* piecesOf(bytes: Uint8Array): Generator<Uint8Array, void, undefined> {
  for (let at = 0; at < bytes.length; at += PIECE_SIZE) {
    yield bytes.subarray(at, at + PIECE_SIZE);
  }
}

function feed(
  stream: CompressStream | DecompressStream,
  pieces: Iterable<Uint8Array>,
  output: (piece: Uint8Array) => void,
): boolean {
  for (const piece of pieces) {
    if (!stream.transform(piece, output)) {
      return false;
    }
  }
  return stream.end(output);
}

function decompress(binding: Binding, frame: Uint8Array, maximumSize: number): Uint8Array {
  const outline = outlineFrame(frame);
  if (outline.compressedSize !== frame.length || (outline.contentSize ?? 0) > maximumSize) {
    throw new ArchiveError('damaged', 'what is packed there is not as long as it should be');
  }
  const content = new Uint8Array(maximumSize);
  let size = 0;
  const stream = new binding.ZstdDecompressStreamBinding();
  try {
    // What exceeds the maximum is counted and dropped; an exception thrown from here would leak the module's memory.
    const collect = (piece: Uint8Array): void => {
      if (size + piece.length <= maximumSize) {
        content.set(piece, size);
      }
      size += piece.length;
    };
    const wanted = takeWhile(piecesOf(frame), () => size <= maximumSize);
    if (!stream.begin() || !feed(stream, wanted, collect) || size > maximumSize) {
      throw new ArchiveError('damaged', 'the bytes there are not as they were written');
    }
    return content.subarray(0, size);
  } finally {
    stream.delete();
  }
}

function* takeWhile<Item>(items: Iterable<Item>, isWanted: () => boolean): Generator<Item, void, undefined> {
  for (const item of items) {
    if (!isWanted()) {
      return;
    }
    yield item;
  }
}
