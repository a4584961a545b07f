/** A column of numbers that grows: what tables for millions of rows are made of, where objects would take ten times as much. */

/** The typed arrays, as far as a column needs them. */
interface Numbers<Values> {
  readonly length: number;
  set(values: Values): void;
}

const FIRST_LENGTH = 1024;

export class Column<Values extends Numbers<Values>> {
  /** At least as long as was reserved. It is another array after {@link reserve}. */
  values: Values;
  readonly #make: (length: number) => Values;

  /** @param make an array of a length, filled with what a row holds that was never written. */
  constructor(make: (length: number) => Values, firstLength: number = FIRST_LENGTH) {
    this.#make = make;
    this.values = make(firstLength);
  }

  /** Makes room for so many rows: at least twice as many as there was, so that growing costs little a row. */
  reserve(rows: number): void {
    if (rows > this.values.length) {
      const larger = this.#make(Math.max(rows, this.values.length * 2));
      larger.set(this.values);
      this.values = larger;
    }
  }
}
