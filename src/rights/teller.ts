/** Tells root's process what it need not answer: few words often, many rows at a time. */

import type { OperationEvent } from '../operation.ts';
import type { RootDoor } from './root-door.ts';
import { encodeTold, toldError } from './told.ts';

/** Nobody sees more of a progress bar. */
const PROGRESS_EVERY_MS = 50;
const ROWS_AT_A_TIME = 200;

export class Teller {
  readonly #door: Pick<RootDoor, 'send'>;
  readonly #clock: () => number;
  #rows: unknown[] = [];
  #lastProgress = Number.NEGATIVE_INFINITY;
  #phase = '';

  /** @param clock milliseconds, from any start, that never go back */
  constructor(door: Pick<RootDoor, 'send'>, clock: () => number) {
    this.#door = door;
    this.#clock = clock;
  }

  /** A progress that soon another one follows is left out; the first and the last of a phase are not. */
  event(event: OperationEvent): void {
    if (event.kind === 'progress') {
      const now = this.#clock();
      const isDue = now - this.#lastProgress >= PROGRESS_EVERY_MS;
      if (!isDue && event.phase === this.#phase && event.done < event.total) {
        return;
      }
      this.#lastProgress = now;
      this.#phase = event.phase;
    }
    this.#door.send(encodeTold({ kind: 'event', event }));
  }

  row(row: unknown): void {
    if (this.#rows.push(row) === ROWS_AT_A_TIME) {
      this.#flush();
    }
  }

  end(outcome: { readonly report: unknown } | { readonly error: unknown }): void {
    this.#flush();
    const told = 'report' in outcome ? ({ kind: 'report', report: outcome.report } as const) : toldError(outcome.error);
    this.#door.send(encodeTold(told));
  }

  #flush(): void {
    if (this.#rows.length > 0) {
      const rows = this.#rows;
      this.#rows = [];
      this.#door.send(encodeTold({ kind: 'rows', rows }));
    }
  }
}
