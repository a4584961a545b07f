/** The order in which messages are let go: pure. */

import type { PaceOrder, Turn } from '../pace.ts';

/** Collects what waits, of which there may be a million, and puts it in order. */
export class Turns {
  readonly #by: PaceOrder;
  readonly #indexes: number[] = [];
  readonly #arrivals: number[] = [];
  readonly #domains: number[] = [];
  readonly #numbers = new Map<string, number>();

  constructor(by: PaceOrder) {
    this.#by = by;
  }

  /** What has no arrival comes first, in the order in which it was added. */
  add(index: number, { arrival = Number.NEGATIVE_INFINITY, domain = '' }: Turn): void {
    this.#indexes.push(index);
    this.#arrivals.push(arrival);
    const name = this.#by === 'destination' ? domain.toLowerCase() : '';
    const number = this.#numbers.get(name) ?? this.#numbers.size;
    this.#numbers.set(name, number);
    this.#domains.push(number);
  }

  /** The indexes that were added, in their order. */
  inOrder(): number[] {
    const byAge = this.#indexes.map((_, at) => at).sort((a, b) => this.#older(a, b));
    if (this.#by === 'destination') {
      const rounds = this.#rounds(byAge);
      // Of one round, the domain whose message is the oldest comes first: the sort keeps the order of what is equal.
      byAge.sort((a, b) => (rounds[a] ?? 0) - (rounds[b] ?? 0));
    }
    return byAge.map((at) => this.#indexes[at] ?? 0);
  }

  #older(a: number, b: number): number {
    const [one = 0, other = 0] = [this.#arrivals[a], this.#arrivals[b]];
    return one < other ? -1 : one > other ? 1 : a - b;
  }

  /** How many of its domain come before each one. */
  #rounds(byAge: readonly number[]): Uint32Array {
    const rounds = new Uint32Array(byAge.length);
    const counts = new Uint32Array(this.#numbers.size);
    for (const at of byAge) {
      const domain = this.#domains[at] ?? 0;
      rounds[at] = counts[domain] ?? 0;
      counts[domain] = (counts[domain] ?? 0) + 1;
    }
    return rounds;
  }
}
