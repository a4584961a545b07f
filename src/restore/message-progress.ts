/** How far a restore is, in messages; at a pace also how long the rest takes. */

import type { OperationControl } from '../operation.ts';
import { type Rate, secondsFor } from '../pace.ts';

export interface Counted {
  readonly phase: string;
  readonly total: number;
  readonly rate?: Rate | undefined;
}

/** Tells an operation's progress. */
export class MessageProgress {
  readonly #control: OperationControl;
  readonly #counted: Counted;
  #done = 0;

  constructor(control: OperationControl, counted: Counted) {
    this.#control = control;
    this.#counted = counted;
  }

  /** One more message is done, or several. */
  tell(messages: number = 1): void {
    const { phase, total, rate } = this.#counted;
    this.#done += messages;
    const done = this.#done;
    const left = rate === undefined ? {} : { secondsLeft: secondsFor(rate, total - done) };
    this.#control.onEvent?.({ kind: 'progress', phase, done, total, unit: 'messages', ...left });
  }
}
