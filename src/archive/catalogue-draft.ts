/**
 * The catalogue's lines while the archive is written: in a temporary file, since there may be millions. The file has no
 * name; it is gone with its descriptor. It holds, for each frame, its number, the length of its lines, and the lines.
 */

import type { FileSystem } from '../fs/file-system.ts';
import { readFully } from '../fs/read-fully.ts';
import { type DraftLine, decodeDraftLines } from './draft-line.ts';
import type { FrameHold } from './frame-hold.ts';
import type { PackedFrame } from './packed-frame.ts';

export interface NumberedLine extends DraftLine {
  readonly frame: number;
}

const HEADER_SIZE = 8;

/** The lines, and frames that are held behind them in the same file. */
export class CatalogueLines {
  /** Holds frames until their message is whole. */
  readonly hold: FrameHold;
  readonly #fs: FileSystem;
  readonly #fd: number;
  #size = 0;

  /** @param fd a file of its own, open for reading and writing, empty. The caller closes it. */
  constructor(fs: FileSystem, fd: number) {
    this.#fs = fs;
    this.#fd = fd;
    this.hold = new HeldInFile(fs, fd, () => this.#size);
  }

  /** @param lines what encodeDraftLine() made of the lines of the entries that begin in the frame. */
  add(frame: number, lines: Uint8Array): void {
    const header = Buffer.alloc(HEADER_SIZE);
    header.writeUInt32LE(frame, 0);
    header.writeUInt32LE(lines.length, 4);
    this.#fs.write(this.#fd, Buffer.concat([header, lines]), this.#size);
    this.#size += HEADER_SIZE + lines.length;
  }

  /** All lines, in the order in which they were added. */
  *lines(): Generator<NumberedLine, void, undefined> {
    for (let position = 0; position < this.#size; ) {
      const header = Buffer.from(this.#read(position, HEADER_SIZE));
      const frame = header.readUInt32LE(0);
      const length = header.readUInt32LE(4);
      for (const line of decodeDraftLines(this.#read(position + HEADER_SIZE, length))) {
        yield { ...line, frame };
      }
      position += HEADER_SIZE + length;
    }
  }

  #read(position: number, length: number): Uint8Array {
    return readDraft(this.#fs, this.#fd, { position, length });
  }
}

function readDraft(fs: FileSystem, fd: number, { position, length }: { position: number; length: number }): Uint8Array {
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

interface HeldFrame {
  readonly position: number;
  readonly length: number;
  readonly size: number;
  readonly lines: Uint8Array;
}

/**
 * Frames of a message that is not read to its end yet: in the same file, behind the lines. They are appended to the archive
 * only when all are good; what is in an archive can't be taken back.
 */
class HeldInFile implements FrameHold {
  readonly #fs: FileSystem;
  readonly #fd: number;
  readonly #sizeOfLines: () => number;
  #held: HeldFrame[] = [];
  #end = 0;

  constructor(fs: FileSystem, fd: number, sizeOfLines: () => number) {
    this.#fs = fs;
    this.#fd = fd;
    this.#sizeOfLines = sizeOfLines;
  }

  add({ bytes, size, lines }: PackedFrame): void {
    const position = this.#held.length === 0 ? this.#sizeOfLines() + LINES_ROOM : this.#end;
    this.#fs.write(this.#fd, bytes, position);
    this.#end = position + bytes.length;
    this.#held.push({ position, length: bytes.length, size, lines });
  }

  release(emit: (frame: PackedFrame) => void): void {
    const frames = this.#held;
    this.#held = [];
    for (const { position, length, size, lines } of frames) {
      emit({ bytes: readDraft(this.#fs, this.#fd, { position, length }), size, lines });
    }
    this.#fs.truncate(this.#fd, this.#sizeOfLines());
  }

  discard(): void {
    this.#held = [];
    this.#fs.truncate(this.#fd, this.#sizeOfLines());
  }
}
