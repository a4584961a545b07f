/** Reads until a buffer is full: a read may give less than was asked for, at any time and for no reason (read(2)). */

import type { FileSystem } from './file-system.ts';

export interface FullRead {
  readonly into: Uint8Array;
  /** Where the bytes stand in the file. */
  readonly position: number;
}

/** @returns the bytes that were read: all of the buffer, or its beginning where the file ends before. */
export function readFully(fs: Pick<FileSystem, 'read'>, fd: number, { into, position }: FullRead): Uint8Array {
  let filled = 0;
  while (filled < into.length) {
    const count = fs.read(fd, into, { offset: filled, length: into.length - filled, position: position + filled });
    if (count === 0) {
      return into.subarray(0, filled);
    }
    filled += count;
  }
  return into;
}
