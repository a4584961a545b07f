/** A file of the system that is read at once: /etc/passwd, /proc/locks. */

import type { FileSystem } from './file-system.ts';
import { O_NONBLOCK, O_RDONLY } from './open-flags.ts';
import { unlessErrno } from './system-error.ts';

const PIECE = 65_536;

/** Its bytes, one a character; undefined where it is missing, or may not be read. */
export function readSmallFile(fs: FileSystem, path: string): string | undefined {
  const fd = unlessErrno(['ENOENT', 'EACCES'], () => fs.open(path, O_RDONLY | O_NONBLOCK));
  if (fd === undefined) {
    return undefined;
  }
  try {
    const pieces: Uint8Array[] = [];
    for (let position = 0; ; ) {
      const piece = new Uint8Array(PIECE);
      const count = fs.read(fd, piece, { offset: 0, length: PIECE, position });
      if (count === 0) {
        return Buffer.concat(pieces).toString('latin1');
      }
      pieces.push(piece.subarray(0, count));
      position += count;
    }
  } finally {
    fs.close(fd);
  }
}
