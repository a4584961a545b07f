/**
 * Goes from record to record as rec_get() does, following pointer records. The inner loop of every backup: it makes no
 * object for a record and looks at no payload that isn't asked for.
 */

import type { ByteSource } from '../byte-source.ts';
import { decodeRecordHeader, MAXIMUM_HEADER_LENGTH } from './record.ts';
import type { RecordFault } from './record-fault.ts';
import { cString } from './record-text.ts';
import { RECORD_TYPE } from './record-type.ts';

/** How much of a large file is in memory at a time. */
const WINDOW_SIZE = 64 * 1024;

/** How much of one payload is ever held as text: far more than any address or parameter takes, and less than a file may hold. */
const TEXT_MAXIMUM = 65_536;

/** How much of it is converted to text at a time. */
const TEXT_WINDOW_SIZE = 1024;

/** rec_goto() follows this many jumps back in a file, "a crude workaround for queue file loops". */
const REVERSE_JUMP_LIMIT = 10_000;

/** More digits than an offset can have. */
const MAXIMUM_POINTER_LENGTH = 64;

const ZERO_DIGIT = 0x30;

const NO_BYTES = Buffer.alloc(0);

/**
 * A place in a queue file. After `advance()` has answered true, the fields describe a record; padding records are given,
 * pointer records are not. The last record is the end record; a walk that ends before it has a `fault`.
 */
export class RecordCursor {
  /** Offset of the type byte. */
  offset = 0;
  /** The type byte; see RECORD_TYPE. */
  type = 0;
  /** Offset of the payload. */
  payloadOffset = 0;
  payloadLength = 0;
  /** Why the walk ended before the end record. */
  fault: RecordFault | undefined;

  readonly #source: ByteSource;
  #window: Buffer = NO_BYTES;
  #windowOffset = 0;
  #text = '';
  #textOffset = 0;
  #next = 0;
  #visitedBytes = 0;
  #reverseJumps = 0;
  #farthestJump = 0;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** Goes to the next record; false at the end, be it good or bad. */
  advance(): boolean {
    while (this.fault === undefined && this.type !== RECORD_TYPE.end) {
      if (!this.#readHeader(this.#next)) {
        return false;
      }
      if (this.type !== RECORD_TYPE.pointer) {
        return true;
      }
      this.#jump();
    }
    return false;
  }

  /** Offset behind the record, where the next one stands unless it is a pointer. */
  get endOffset(): number {
    return this.payloadOffset + this.payloadLength;
  }

  /** The payload as Latin-1, one character a byte; of a longer one the first {@link TEXT_MAXIMUM} bytes. */
  text(): string {
    const length = Math.min(this.payloadLength, TEXT_MAXIMUM);
    let start = this.payloadOffset - this.#textOffset;
    if (start < 0 || start + length > this.#text.length) {
      // The records of an envelope are small and stand together: one conversion serves many.
      this.#text = this.#decode(this.payloadOffset, Math.max(length, TEXT_WINDOW_SIZE));
      this.#textOffset = this.payloadOffset;
      start = 0;
    }
    return this.#text.slice(start, start + length);
  }

  /** Whether one of these bytes is in the payload behind what {@link text} gives. */
  hasBeyondText(isSought: (byte: number) => boolean): boolean {
    for (let from = TEXT_MAXIMUM; from < this.payloadLength; from += WINDOW_SIZE) {
      if (this.payload(from, WINDOW_SIZE).some(isSought)) {
        return true;
      }
    }
    return false;
  }

  /** A part of the payload as a copy: `length` bytes from `from` on, or as many as there are. */
  payload(from: number, length: number): Uint8Array {
    const count = Math.max(0, Math.min(length, this.payloadLength - from));
    const at = this.#locate(this.payloadOffset + from, count);
    return Uint8Array.from(this.#window.subarray(at, at + count));
  }

  #decode(offset: number, length: number): string {
    const at = this.#locate(offset, Math.min(length, this.#source.size - offset));
    return this.#window.toString('latin1', at, Math.min(at + length, this.#window.length));
  }

  #readHeader(offset: number): boolean {
    const at = this.#locate(offset, MAXIMUM_HEADER_LENGTH);
    const type = this.#window[at];
    if (type === undefined) {
      return this.#fail('missing-end', offset);
    }
    this.offset = offset;
    this.type = type;
    const length = this.#window[at + 1];
    if (length !== undefined && length < 0x80) {
      // Most records: no header object for them.
      this.payloadOffset = offset + 2;
      this.payloadLength = length;
    } else {
      const header = decodeRecordHeader(this.#window, at);
      if (typeof header === 'string') {
        return this.#fail(header === 'cut' ? 'cut-record' : 'overlong-length', offset);
      }
      this.payloadOffset = offset + header.headerLength;
      this.payloadLength = header.payloadLength;
    }
    return this.#accept();
  }

  /** What holds for every record, whatever its type. */
  #accept(): boolean {
    this.#next = this.payloadOffset + this.payloadLength;
    if (this.#next > this.#source.size) {
      return this.#fail('cut-record', this.offset);
    }
    if (this.type === 0) {
      return this.#fail('null-type', this.offset);
    }
    // Each record of a good file is read once. So the walk is over in a time that grows with the file, whatever it holds.
    this.#visitedBytes += this.#next - this.offset;
    return this.#visitedBytes <= this.#source.size || this.#fail('pointer-loop', this.offset);
  }

  /** rec_goto(): an offset of 0 marks a record that leads nowhere, kept for later edits. */
  #jump(): void {
    const to = this.#pointedOffset();
    if (to === undefined || to > this.#source.size) {
      this.#fail('bad-pointer', this.offset);
    } else if (to > 0) {
      this.#reverseJumps += to <= this.#farthestJump ? 1 : 0;
      this.#farthestJump = to;
      this.#next = to;
      if (this.#reverseJumps > REVERSE_JUMP_LIMIT) {
        this.#fail('pointer-loop', this.offset);
      }
    }
  }

  #pointedOffset(): number | undefined {
    if (this.payloadLength > MAXIMUM_POINTER_LENGTH) {
      return undefined;
    }
    const digits = cString(this.text()).replace(/^[ \t\n\v\f\r]+/, '');
    let to = 0;
    for (let at = 0; at < digits.length; at += 1) {
      const digit = digits.charCodeAt(at) - ZERO_DIGIT;
      if (digit < 0 || digit > 9) {
        return undefined;
      }
      to = to * 10 + digit;
    }
    return to;
  }

  /** The index of bytes in the window, which is moved there, and made as large, if need be. */
  #locate(offset: number, length: number): number {
    const at = offset - this.#windowOffset;
    if (at >= 0 && at + length <= this.#window.length) {
      return at;
    }
    // At the end of the file the window is as long as it gets: moving it would show no more.
    if (at < 0 || this.#windowOffset + this.#window.length < this.#source.size) {
      this.#window = asBuffer(this.#source.read(offset, Math.max(length, WINDOW_SIZE)));
      this.#windowOffset = offset;
      return 0;
    }
    return at;
  }

  #fail(
    kind: 'missing-end' | 'cut-record' | 'overlong-length' | 'null-type' | 'bad-pointer' | 'pointer-loop',
    offset: number,
  ): false {
    this.fault = { kind, offset };
    return false;
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
