/**
 * The catalogue's lines while the archive is written: in a temporary file, since there may be millions. The file has no
 * name; it is gone with its descriptor. It holds, for each frame, its number, the length of its lines, and the lines.
 */

import type { FileSystem } from '../fs/file-system.ts';
import { readFully } from '../fs/read-fully.ts';
import { type DraftLine, decodeDraftLines } from './draft-line.ts';
import type { FrameHold } from './frame-hold.ts';

export interface NumberedLine extends DraftLine {
  readonly frame: number;
}

export interface CatalogueLines {
  /** @param lines what encodeDraftLine() made of the lines of the entries that begin in the frame. */
  add(frame: number, lines: Uint8Array): void;
  /** All lines, in the order in which they were added. */
  lines(): Generator<NumberedLine, void, undefined>;
  /** Holds frames until their message is whole. */
  readonly hold: FrameHold;
}

const HEADER_SIZE = 8;

/** @param fd a file of its own, open for reading and writing, empty. The caller closes it. */
export function createCatalogueLines(fs: FileSystem, fd: number): CatalogueLines {
  let size = 0;
  return {
    hold: createFrameHold(fs, fd, () => size),
    add(frame, lines) {
      const header = Buffer.alloc(HEADER_SIZE);
      header.writeUInt32LE(frame, 0);
      header.writeUInt32LE(lines.length, 4);
      fs.write(fd, Buffer.concat([header, lines]), size);
      size += HEADER_SIZE + lines.length;
    },
    *lines() {
      for (let position = 0; position < size; ) {
        const header = Buffer.from(readSpooled(fs, fd, { position, length: HEADER_SIZE }));
        const frame = header.readUInt32LE(0);
        const length = header.readUInt32LE(4);
        const lines = readSpooled(fs, fd, { position: position + HEADER_SIZE, length });
        for (const line of decodeDraftLines(lines)) {
          yield { ...line, frame };
        }
        position += HEADER_SIZE + length;
      }
    },
  };
}

function readSpooled(
  fs: FileSystem,
  fd: number,
  { position, length }: { position: number; length: number },
): Uint8Array {
  const bytes = readFully(fs, fd, { into: new Uint8Array(length), position });
  if (bytes.length !== length) {
    throw new Error('the draft of the catalogue has been cut');
  }
  return bytes;
}

/**
 * How far behind the lines that are there, and those that may still come of the same message, frames are held: no message
 * has more lines than these bytes.
 */
const LINES_ROOM = 33_554_432;

/**
 * Frames of a message that is not read to its end yet: in the same file, behind the lines. They are appended to the archive
 * only when all are good; what is in an archive can't be taken back.
 */
function createFrameHold(fs: FileSystem, fd: number, sizeOfLines: () => number): FrameHold {
  let held: {
    readonly position: number;
    readonly length: number;
    readonly size: number;
    readonly lines: Uint8Array;
  }[] = [];
  let end = 0;
  return {
    add({ bytes, size, lines }) {
      const position = held.length === 0 ? sizeOfLines() + LINES_ROOM : end;
      fs.write(fd, bytes, position);
      end = position + bytes.length;
      held.push({ position, length: bytes.length, size, lines });
    },
    release(emit) {
      const frames = held;
      held = [];
      for (const { position, length, size, lines } of frames) {
        emit({ bytes: readSpooled(fs, fd, { position, length }), size, lines });
      }
      fs.truncate(fd, sizeOfLines());
    },
    discard() {
      held = [];
      fs.truncate(fd, sizeOfLines());
    },
  };
}
