/** A number for each of a million messages: eight bytes each. */

const FIRST_ROOM = 1024;

export class NumberColumn {
  #values = new Float64Array(FIRST_ROOM);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(value: number): void {
    if (this.#size === this.#values.length) {
      const more = new Float64Array(this.#size * 2);
      more.set(this.#values);
      this.#values = more;
    }
    this.#values[this.#size] = value;
    this.#size += 1;
  }

  values(): Float64Array {
    return this.#values.subarray(0, this.#size);
  }
}
