/** How much of the time since the snapshot the logs tell of. A log that tells nothing for long may lack a part. */

export interface TimeSpan {
  /** Seconds since the epoch. */
  readonly from: number;
  readonly to: number;
}

/** Longer than this hardly a mail server is silent. */
const SILENCE_MAXIMUM = 3600;

/** Adds up the times of lines, which come in their order. */
export class LogCoverage {
  readonly #wanted: TimeSpan;
  readonly #gaps: TimeSpan[] = [];
  #first: number | undefined;
  #last: number;
  lines = 0;

  /** @param wanted from the snapshot to now */
  constructor(wanted: TimeSpan) {
    this.#wanted = wanted;
    this.#last = wanted.from;
  }

  add(time: number): void {
    this.lines += 1;
    this.#first ??= time;
    if (time > this.#last) {
      this.#noteGap(time);
      this.#last = time;
    }
  }

  /** The times of the first and the last line; undefined where there was none. */
  get span(): TimeSpan | undefined {
    return this.#first === undefined ? undefined : { from: this.#first, to: Math.max(this.#first, this.#last) };
  }

  /** Of the wanted time, what no line tells of for long, in its order. */
  gaps(): TimeSpan[] {
    const { to } = this.#wanted;
    return to - this.#last > SILENCE_MAXIMUM ? [...this.#gaps, { from: this.#last, to }] : this.#gaps;
  }

  #noteGap(time: number): void {
    const to = Math.min(time, this.#wanted.to);
    if (to - this.#last > SILENCE_MAXIMUM) {
      this.#gaps.push({ from: this.#last, to });
    }
  }
}
