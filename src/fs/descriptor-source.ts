/** An open file as a source of bytes. */

import type { ByteSource } from '../byte-source.ts';
import type { FileSystem } from './file-system.ts';
import { readFully } from './read-fully.ts';

const WINDOW_BYTES = 256 * 1024;

/** An open file as a source of bytes, a window of it in memory: for files that are too big to be held. */
export function descriptorSource(fs: FileSystem, fd: number, size: number): ByteSource {
  let windowStart = 0;
  let window: Uint8Array = new Uint8Array(0);
  const fill = (offset: number, length: number): void => {
    const wanted = Math.min(Math.max(length, WINDOW_BYTES), size - offset);
    windowStart = offset;
    window = readFully(fs, fd, { into: new Uint8Array(Math.max(wanted, 0)), position: offset });
  };
  return {
    size,
    read: (offset, length) => {
      if (offset < windowStart || offset + length > windowStart + window.length) {
        fill(offset, length);
      }
      return window.subarray(offset - windowStart, offset - windowStart + length);
    },
  };
}
