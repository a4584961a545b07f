/** An open file as a source of bytes. */

import type { ByteSource } from '../byte-source.ts';
import type { FileSystem } from './file-system.ts';
import { readFully } from './read-fully.ts';

const WINDOW_BYTES = 256 * 1024;

/** An open file as a source of bytes, a window of it in memory: for files that are too big to be held. */
export class DescriptorSource implements ByteSource {
  readonly size: number;
  readonly #fs: FileSystem;
  readonly #fd: number;
  #start = 0;
  #window: Uint8Array = new Uint8Array(0);

  constructor(fs: FileSystem, fd: number, size: number) {
    this.#fs = fs;
    this.#fd = fd;
    this.size = size;
  }

  read(offset: number, length: number): Uint8Array {
    if (offset < this.#start || offset + length > this.#start + this.#window.length) {
      this.#fill(offset, length);
    }
    return this.#window.subarray(offset - this.#start, offset - this.#start + length);
  }

  #fill(offset: number, length: number): void {
    const wanted = Math.min(Math.max(length, WINDOW_BYTES), this.size - offset);
    this.#start = offset;
    this.#window = readFully(this.#fs, this.#fd, { into: new Uint8Array(Math.max(wanted, 0)), position: offset });
  }
}
