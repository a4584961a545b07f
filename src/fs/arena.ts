/** Memory for what is read of many small files. A buffer for each costs more than reading it, and waits for the garbage collector. */

const SLAB_SIZE = 1_048_576;

/** One piece of memory that files share, until whoever has it says that all of them are done with. */
export class Arena {
  #slab = Buffer.alloc(0);
  #used = 0;

  /** Bytes that nothing else uses until {@link reuse}; what is in them is anything. */
  take(length: number): Uint8Array {
    if (length > SLAB_SIZE) {
      return Buffer.allocUnsafeSlow(length);
    }
    if (this.#used + length > this.#slab.length) {
      this.#slab = Buffer.allocUnsafeSlow(SLAB_SIZE);
      this.#used = 0;
    }
    this.#used += length;
    return this.#slab.subarray(this.#used - length, this.#used);
  }

  /** All that was taken is done with: it is overwritten by what is read next. */
  reuse(): void {
    this.#used = 0;
  }
}
