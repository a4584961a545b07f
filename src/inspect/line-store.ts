/** Keeps messages of a catalogue, of which there may be a million, in a temporary file; in memory is where each stands. */

import { tmpdir } from 'node:os';
import { decodeCatalogueLine, type MessageLine } from '../format/catalogue-line.ts';
import type { FileSystem } from '../fs/file-system.ts';
import { readFully } from '../fs/read-fully.ts';
import { systemError } from '../fs/system-error.ts';
import { openUnnamedFile } from '../fs/unnamed-file.ts';

/** Lines are written in pieces of about this size. */
const BUFFER_SIZE = 1_048_576;

export class LineStore {
  readonly #fs: FileSystem;
  readonly #fd: number;
  /** Where each line ends. */
  readonly #ends: number[] = [];
  #held: Uint8Array[] = [];
  #heldSize = 0;

  /** @throws SystemError: there is no room for a temporary file */
  constructor(fs: FileSystem) {
    this.#fs = fs;
    this.#fd = openUnnamedFile(fs, tmpdir());
  }

  /** How many lines there are: their numbers are 0 and so on. */
  get size(): number {
    return this.#ends.length;
  }

  add(line: MessageLine): void {
    const bytes = Buffer.from(JSON.stringify(line));
    this.#ends.push((this.#ends.at(-1) ?? 0) + bytes.length);
    this.#held.push(bytes);
    this.#heldSize += bytes.length;
    if (this.#heldSize >= BUFFER_SIZE) {
      this.#flush();
    }
  }

  get(number: number): MessageLine {
    this.#flush();
    const start = this.#ends[number - 1] ?? 0;
    const line = decodeCatalogueLine(this.#read(start, (this.#ends[number] ?? start) - start));
    if (line.kind !== 'message') {
      throw new Error(`line ${number} was no message when it was kept`);
    }
    return line;
  }

  *all(): Generator<MessageLine, void, undefined> {
    for (let number = 0; number < this.size; number += 1) {
      yield this.get(number);
    }
  }

  close(): void {
    this.#fs.close(this.#fd);
  }

  #read(offset: number, length: number): string {
    const bytes = Buffer.alloc(length);
    if (readFully(this.#fs, this.#fd, { into: bytes, position: offset }).length < length) {
      throw new Error('the temporary file is shorter than what was written to it');
    }
    return bytes.toString();
  }

  #flush(): void {
    if (this.#heldSize === 0) {
      return;
    }
    try {
      this.#fs.write(this.#fd, Buffer.concat(this.#held));
    } catch (error) {
      throw systemError(error, { action: "can't write a temporary file in", path: tmpdir() });
    }
    this.#held = [];
    this.#heldSize = 0;
  }
}
