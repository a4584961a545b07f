/** Which bytes of a queue file Postfix rewrites in place: one for each recipient, of which there may be millions. */

import { Column } from '../table/column.ts';

/** Bytes of a queue file that Postfix rewrites in place. */
export interface MutableBytes {
  readonly offset: number;
  readonly length: number;
  /**
   * What each of them counts as: `R` for the type of a recipient record (deliver_completed.c makes it `D`), `A` for the
   * type of the `trace_flags` attribute (qmgr_message.c makes it `K`), a space for the time of the delay warning.
   */
  readonly standIn: number;
}

/** qmgr(8) writes 15 characters over the time of the delay warning (rec_type.h, REC_TYPE_WARN_FORMAT). */
export const MUTABLE_LENGTH_MAXIMUM = 64;

/**
 * No more ranges than this are noted, and no more bytes in them: what stands behind them in the file counts as it is. A
 * message to a million recipients is far below; a file that was made to fill the memory is not.
 */
const RANGES_MAXIMUM = 4_000_000;
const BYTES_MAXIMUM = 16 * 1024 * 1024;

/** Most messages have one or two. */
const FIRST_LENGTH = 4;

const offsets = (length: number): Float64Array => new Float64Array(length);
const bytes = (length: number): Uint8Array => new Uint8Array(length);

/** The ranges of one file, in the order in which they are added, some ten bytes each. */
export class MutableRanges {
  #count = 0;
  #bytes = 0;
  #isInOrder = true;
  readonly #offsets = new Column(offsets, FIRST_LENGTH);
  readonly #lengths = new Column(bytes, FIRST_LENGTH);
  readonly #standIns = new Column(bytes, FIRST_LENGTH);

  get count(): number {
    return this.#count;
  }

  /** All bytes of all ranges. */
  get byteCount(): number {
    return this.#bytes;
  }

  /** @param range of {@link MUTABLE_LENGTH_MAXIMUM} bytes at most */
  add({ offset, length, standIn }: MutableBytes): void {
    if (this.#count >= RANGES_MAXIMUM || this.#bytes + length > BYTES_MAXIMUM) {
      return;
    }
    const number = this.#count;
    this.#isInOrder &&= number === 0 || this.offset(number - 1) <= offset;
    this.#offsets.reserve(number + 1);
    this.#lengths.reserve(number + 1);
    this.#standIns.reserve(number + 1);
    this.#offsets.values[number] = offset;
    this.#lengths.values[number] = length;
    this.#standIns.values[number] = standIn;
    this.#count += 1;
    this.#bytes += length;
  }

  offset(number: number): number {
    return this.#offsets.values[number] ?? 0;
  }

  length(number: number): number {
    return this.#lengths.values[number] ?? 0;
  }

  standIn(number: number): number {
    return this.#standIns.values[number] ?? 0;
  }

  /** The same ranges, those that begin first in the file in front: pointer records may have led from the end to the start. */
  inFileOrder(): MutableRanges {
    if (this.#isInOrder) {
      return this;
    }
    const numbers = Uint32Array.from({ length: this.#count }, (_, number) => number);
    numbers.sort((a, b) => this.offset(a) - this.offset(b));
    const ordered = new MutableRanges();
    for (const number of numbers) {
      ordered.add(this.#at(number));
    }
    return ordered;
  }

  *[Symbol.iterator](): Generator<MutableBytes> {
    for (let number = 0; number < this.#count; number += 1) {
      yield this.#at(number);
    }
  }

  #at(number: number): MutableBytes {
    return { offset: this.offset(number), length: this.length(number), standIn: this.standIn(number) };
  }
}
