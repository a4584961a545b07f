/** The frame that is being filled, and the room that the next one may use again. */

import { FRAME_MAXIMUM } from '../format/limits.ts';
import { HeaderTemplates } from './header-templates.ts';
import { type PreparedHeader, writeEntryHeader } from './tar-entry.ts';

/** Room for a frame, for the next packer: what each made anew would wait for the garbage collector, by the dozen. */
export class SpareFrame {
  #bytes: Buffer | undefined;

  /** The bytes may hold anything. */
  take(): Buffer {
    const bytes = this.#bytes ?? Buffer.allocUnsafeSlow(FRAME_MAXIMUM);
    this.#bytes = undefined;
    return bytes;
  }

  giveBack(bytes: Buffer): void {
    this.#bytes = bytes;
  }
}

/** A frame that takes entries until it is full. */
export class OpenFrame {
  readonly #spare: SpareFrame;
  readonly #templates = new HeaderTemplates();
  /** Undefined while nothing is in it. */
  #bytes: Buffer | undefined;
  #used = 0;
  #lines: string[] = [];
  #textLength = 0;
  /** Ends the frame. What is full is ended so before it takes more. */
  readonly flush: () => void;

  /** @param flush takes the content, and clears the frame */
  constructor(spare: SpareFrame, flush: () => void) {
    this.#spare = spare;
    this.flush = flush;
  }

  /** Bytes in it. */
  get used(): number {
    return this.#used;
  }

  /** Characters of the lines of the entries that begin in it. */
  get textLength(): number {
    return this.#textLength;
  }

  /** Undefined while nothing is in it. */
  content(): Buffer | undefined {
    return this.#bytes?.subarray(0, this.#used);
  }

  /** The lines of the entries that begin in it. */
  lines(): string {
    return this.#lines.join('');
  }

  clear(): void {
    if (this.#bytes !== undefined) {
      this.#spare.giveBack(this.#bytes);
    }
    this.#bytes = undefined;
    this.#used = 0;
    this.#lines = [];
    this.#textLength = 0;
  }

  /** Begins an entry where its headers have room: an entry that fits no frame begins a new one. */
  begin(header: PreparedHeader, line: string): void {
    this.#lines.push(line);
    this.#textLength += line.length;
    writeEntryHeader(header, { bytes: this.#room(), at: this.#used }, this.#templates);
    this.#used += header.length;
  }

  /** Adds content; what does not fit goes on in the next frames. @returns its length. */
  fill(content: Uint8Array): number {
    for (let at = 0; at < content.length; ) {
      const bytes = this.#room();
      const room = FRAME_MAXIMUM - this.#used;
      const piece = at === 0 && content.length <= room ? content : content.subarray(at, at + room);
      bytes.set(piece, this.#used);
      this.#used += piece.length;
      at += piece.length;
    }
    return content.length;
  }

  /** The frame's bytes, of which one at least is free. */
  #room(): Buffer {
    if (this.#used === FRAME_MAXIMUM) {
      this.flush();
    }
    this.#bytes ??= this.#spare.take();
    return this.#bytes;
  }
}
