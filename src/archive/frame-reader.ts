/** Reads frames at known places. Each worker has one of its own; the descriptor may be shared between threads. */

import { ArchiveError } from '../errors.ts';
import type { FrameLocation } from '../format/seek-table.ts';
import type { FileSystem } from '../fs/file-system.ts';
import type { Codec } from './zstd/codec.ts';

export interface FrameReader {
  /**
   * Decompresses a frame. The content is only as long as expected: whether it is right, the entries' digests tell.
   *
   * @throws ArchiveError `damaged`
   */
  read(location: FrameLocation): Uint8Array;
}

export interface FrameReaderOptions {
  readonly fs: FileSystem;
  /** The archive, open for reading. The caller closes it. */
  readonly fd: number;
  readonly codec: Codec;
}

export function createFrameReader({ fs, fd, codec }: FrameReaderOptions): FrameReader {
  return {
    read({ offset, compressedSize, size }) {
      const content = codec.decompress(readBytes(fs, fd, { offset, length: compressedSize }), size);
      if (content.length !== size) {
        throw new ArchiveError('damaged', `the frame at byte ${offset} does not hold what the seek table says`);
      }
      return content;
    },
  };
}

/**
 * Reads bytes of an archive.
 *
 * @throws ArchiveError `damaged`: the file ends before.
 */
export function readBytes(fs: FileSystem, fd: number, range: { offset: number; length: number }): Uint8Array {
  const bytes = new Uint8Array(range.length);
  for (let at = 0; at < bytes.length; ) {
    const length = fs.read(fd, bytes, { offset: at, length: bytes.length - at, position: range.offset + at });
    if (length === 0) {
      throw new ArchiveError('damaged', 'the archive ends where a frame should be');
    }
    at += length;
  }
  return bytes;
}
