/** Finds the frames of an archive whose seek table is lost or wrong, and finds its way back behind damage. */

import type { ByteSource } from '../../byte-source.ts';
import { ArchiveError } from '../../errors.ts';
import { FRAME_COMPRESSED_MAXIMUM, FRAME_MAXIMUM } from '../../format/limits.ts';
import type { FrameLocation } from '../../format/seek-table.ts';
import { readSeekTable } from '../archive-ends.ts';
import { readBytes } from '../frame-reader.ts';
import type { Codec } from '../zstd/codec.ts';
import { FRAME_MAGIC, outlineFrame } from '../zstd/zstd-frame.ts';

/** A frame that could be decompressed. Whether its content is right, only the entries' digests tell. */
export interface FoundFrame extends FrameLocation {
  readonly kind: 'frame';
  readonly content: Uint8Array;
}

export interface FoundSeekTable {
  readonly kind: 'seek-table';
  readonly compressedSize: number;
}

interface ScannedFile {
  readonly source: ByteSource;
  readonly codec: Codec;
}

/** All frames of a file, in order, one in memory at a time; then its seek table, where that is intact. */
export function* findFrames({ source, codec }: ScannedFile): Generator<FoundFrame | FoundSeekTable, void, undefined> {
  const { size } = source;
  const end = seekTableStart(source);
  const window = new FileWindow(source, end);
  for (let offset = 0; offset < end; ) {
    const found = frameAt(codec, window, offset);
    if (found === undefined) {
      offset = window.nextMagic(offset + 1);
    } else {
      yield found;
      offset += found.compressedSize;
    }
  }
  if (end < size) {
    yield { kind: 'seek-table', compressedSize: size - end };
  }
}

function seekTableStart(source: ByteSource): number {
  try {
    return readSeekTable(source).compressedTotal;
  } catch (error) {
    if (error instanceof ArchiveError) {
      return source.size;
    }
    throw error;
  }
}

function frameAt(codec: Codec, window: FileWindow, offset: number): FoundFrame | undefined {
  const bytes = window.from(offset);
  if (!FRAME_MAGIC.every((byte, index) => bytes[index] === byte)) {
    return undefined;
  }
  try {
    const { compressedSize } = outlineFrame(bytes);
    const content = codec.decompress(bytes.subarray(0, compressedSize), FRAME_MAXIMUM);
    return { kind: 'frame', offset, compressedSize, size: content.length, content };
  } catch (error) {
    if (error instanceof ArchiveError) {
      return undefined;
    }
    throw error;
  }
}

const WINDOW_SIZE = 2 * FRAME_COMPRESSED_MAXIMUM;

/** A file through a window that holds a whole frame wherever it begins, and is read anew only now and then. */
class FileWindow {
  readonly #source: ByteSource;
  readonly #size: number;
  #bytes: Buffer<ArrayBufferLike> = Buffer.alloc(0);
  #offset = 0;

  constructor(source: ByteSource, size: number) {
    this.#source = source;
    this.#size = size;
  }

  /** The bytes from here on, as many as a frame can have. */
  from(offset: number): Buffer {
    const end = Math.min(this.#size, offset + FRAME_COMPRESSED_MAXIMUM);
    if (offset < this.#offset || end > this.#offset + this.#bytes.length) {
      const length = Math.min(WINDOW_SIZE, this.#size - offset);
      // A copy: whoever takes a frame may read others from the source before the next.
      this.#bytes = Buffer.from(readBytes(this.#source, { offset, length }));
      this.#offset = offset;
    }
    return this.#bytes.subarray(offset - this.#offset, end - this.#offset);
  }

  /** Where the next frame may begin; the size of the file where none does. */
  nextMagic(offset: number): number {
    for (let at = offset; at < this.#size; ) {
      const bytes = this.from(at);
      const found = bytes.indexOf(FRAME_MAGIC);
      if (found >= 0) {
        return at + found;
      }
      at += Math.max(1, bytes.length - FRAME_MAGIC.length + 1);
    }
    return this.#size;
  }
}
