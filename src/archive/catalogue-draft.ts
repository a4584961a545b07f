/**
 * The catalogue's lines while the archive is written: in a temporary file, since there may be millions. The file has no
 * name; it is gone with its descriptor. It holds, for each frame, its number, the length of its lines, and the lines.
 */

import type { FileSystem } from '../fs/file-system.ts';
import { decodePendingLines, type PendingLine } from './pending-line.ts';

export interface SpooledLine extends PendingLine {
  readonly frame: number;
}

export interface CatalogueSpool {
  /** @param lines what encodePendingLine() made of the lines of the entries that begin in the frame. */
  add(frame: number, lines: Uint8Array): void;
  /** All lines, in the order in which they were added. */
  lines(): Generator<SpooledLine, void, undefined>;
}

const HEADER_SIZE = 8;

/** @param fd a file of its own, open for reading and writing, empty. The caller closes it. */
export function createCatalogueSpool(fs: FileSystem, fd: number): CatalogueSpool {
  let size = 0;
  return {
    add(frame, lines) {
      const header = Buffer.alloc(HEADER_SIZE);
      header.writeUInt32LE(frame, 0);
      header.writeUInt32LE(lines.length, 4);
      fs.write(fd, Buffer.concat([header, lines]), size);
      size += HEADER_SIZE + lines.length;
    },
    *lines() {
      for (let position = 0; position < size; ) {
        const header = Buffer.from(readFully(fs, fd, { position, length: HEADER_SIZE }));
        const frame = header.readUInt32LE(0);
        const length = header.readUInt32LE(4);
        const lines = readFully(fs, fd, { position: position + HEADER_SIZE, length });
        for (const line of decodePendingLines(lines)) {
          yield { ...line, frame };
        }
        position += HEADER_SIZE + length;
      }
    },
  };
}

function readFully(fs: FileSystem, fd: number, range: { position: number; length: number }): Uint8Array {
  const bytes = new Uint8Array(range.length);
  for (let at = 0; at < bytes.length; ) {
    const count = fs.read(fd, bytes, { offset: at, length: bytes.length - at, position: range.position + at });
    if (count === 0) {
      throw new Error('the spooled catalogue has been cut');
    }
    at += count;
  }
  return bytes;
}
