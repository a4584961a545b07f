/** The digest of all that an open file holds. */

import { createHash } from 'node:crypto';
import type { FileSystem } from './file-system.ts';

const CHUNK_BYTES = 64 * 1024;

/** The SHA-256 of all that an open file holds, in hexadecimal digits. It is read in pieces. */
export function digestOfDescriptor(fs: FileSystem, fd: number): string {
  const hash = createHash('sha256');
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  for (let position = 0; ; ) {
    const count = fs.read(fd, chunk, { offset: 0, length: CHUNK_BYTES, position });
    if (count === 0) {
      return hash.digest('hex');
    }
    hash.update(chunk.subarray(0, count));
    position += count;
  }
}
