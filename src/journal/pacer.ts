/**
 * Keeps a rate. Messages go in slices, a slice every few seconds, since each costs some syncs of the whole file system. In
 * no span of the rate's length more of them are let go than it says, however long a slice takes, and whatever was late
 * before: what was missed is never made up for. (test/unit/journal/pacer.test.ts)
 */

import { setTimeout as sleepFor } from 'node:timers/promises';
import { SYSTEM_CLOCK_AND_CHANCE } from '../clock-and-chance.ts';
import { type Rate, spanOf } from '../pace.ts';

/** What a pace is kept by. A test has its own. */
export interface PaceClock {
  /** Milliseconds, from any start, that never go back. */
  readonly now: () => number;
  /** Ends early when the signal says so. */
  readonly sleep: (milliseconds: number, signal: AbortSignal | undefined) => Promise<void>;
}

export const systemPaceClock: PaceClock = {
  now: SYSTEM_CLOCK_AND_CHANCE.clock,
  sleep: async (milliseconds, signal) => {
    try {
      await sleepFor(milliseconds, undefined, signal === undefined ? {} : { signal });
    } catch (error) {
      if (signal?.aborted !== true) {
        throw error;
      }
    }
  },
};

/** Between two slices, where the rate allows more than one message in it. */
const SLICE_MS = 5000;

interface Slice {
  readonly messages: number;
  readonly ended: number;
}

export class Pacer {
  /** How many messages go at once. */
  readonly slice: number;
  readonly #rate: Rate;
  readonly #span: number;
  readonly #clock: PaceClock;
  /** Those of the last span. */
  #slices: Slice[] = [];
  /** When the next one is due by the grid. */
  #due = Number.NEGATIVE_INFINITY;

  constructor(rate: Rate, clock: PaceClock) {
    this.#rate = rate;
    this.#span = spanOf(rate);
    this.#clock = clock;
    const within = Math.floor((rate.messages * SLICE_MS) / this.#span);
    this.slice = Math.min(rate.messages, Math.max(1, within));
  }

  /** Waits until a slice may begin, or the signal says so. */
  async wait(signal: AbortSignal | undefined): Promise<void> {
    for (let rest = this.#rest(); rest > 0 && signal?.aborted !== true; rest = this.#rest()) {
      await this.#clock.sleep(rest, signal);
    }
    const now = this.#clock.now();
    const interval = (this.slice * this.#span) / this.#rate.messages;
    // A little late: the next one is due as if it was not. Much later: the grid begins anew.
    this.#due = (now - this.#due < interval ? this.#due : now) + interval;
  }

  /** A slice has ended: these were let go. */
  note(messages: number): void {
    this.#slices.push({ messages, ended: this.#clock.now() });
  }

  #rest(): number {
    const now = this.#clock.now();
    this.#slices = this.#slices.filter(({ ended }) => now - ended < this.#span);
    let over = this.#slices.reduce((sum, { messages }) => sum + messages, this.slice) - this.#rate.messages;
    let free = now;
    for (const { messages, ended } of this.#slices) {
      if (over <= 0) {
        break;
      }
      over -= messages;
      free = ended + this.#span;
    }
    return Math.ceil(Math.max(free, this.#due) - now);
  }
}
