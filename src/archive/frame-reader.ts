/** Reads frames at known places. Each worker has one of its own, over a source of its own. */

import type { ByteSource } from '../byte-source.ts';
import { ArchiveError } from '../errors.ts';
import { FRAME_MAXIMUM } from '../format/limits.ts';
import type { FrameLocation } from '../format/seek-table.ts';
import type { Codec } from './zstd/codec.ts';

export interface FrameReader {
  /**
   * Decompresses a frame. The content is only as long as expected: whether it is right, the entries' digests tell.
   *
   * @throws ArchiveError `damaged`
   */
  read(location: FrameLocation): Uint8Array;
  /**
   * Decompresses a frame whatever size the seek table says that its content has.
   *
   * @throws ArchiveError `damaged`
   */
  readAsItIs(location: FrameLocation): Uint8Array;
}

export interface FrameReaderOptions {
  readonly source: ByteSource;
  readonly codec: Codec;
}

export function createFrameReader({ source, codec }: FrameReaderOptions): FrameReader {
  return {
    read({ offset, compressedSize, size }) {
      const content = codec.decompress(readBytes(source, { offset, length: compressedSize }), size);
      if (content.length !== size) {
        throw new ArchiveError('damaged', `the part at byte ${offset} does not hold what the seek table says`);
      }
      return content;
    },
    readAsItIs: ({ offset, compressedSize }) =>
      codec.decompress(readBytes(source, { offset, length: compressedSize }), FRAME_MAXIMUM),
  };
}

/**
 * Reads bytes of an archive; they are good until the source is read again.
 *
 * @throws ArchiveError `damaged`: the file ends before.
 */
export function readBytes(source: ByteSource, { offset, length }: { offset: number; length: number }): Uint8Array {
  const bytes = source.read(offset, length);
  if (bytes.length !== length) {
    throw new ArchiveError('damaged', 'the archive ends where a part should be');
  }
  return bytes;
}
