/** What every operation takes besides its options, and what it tells while it works. */

import { setTimeout } from 'node:timers/promises';
import { type ClockAndChance, clockAndChanceOf } from './clock-and-chance.ts';
import { BusyError, InterruptedError, type InterruptedState } from './errors.ts';

/** How far an operation is. */
export interface OperationProgress {
  readonly kind: 'progress';
  /** What is being done now, in a word or two: `reading`. */
  readonly phase: string;
  readonly done: number;
  readonly total: number;
  readonly unit?: 'bytes' | 'messages';
  /** Where the work goes at a pace. */
  readonly secondsLeft?: number;
}

/** Something that the administrator should know, and that does not stop the operation. */
export interface OperationWarning {
  readonly kind: 'warning';
  readonly message: string;
}

export type OperationEvent = OperationProgress | OperationWarning;

export interface OperationControl {
  /** Ends the operation with an InterruptedError at the next point where nothing is half done. */
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: ((event: OperationEvent) => void) | undefined;
  /** Clock and chance; the system's when absent. What runs in another process has that one's. */
  readonly clockAndChance?: ClockAndChance | undefined;
  /** How many seconds to wait for another run that is at work; without it: none. */
  readonly patience?: number | undefined;
}

const LONGEST_PAUSE_MS = 1000;

/**
 * Begins a work again and again while another run has the lock, as long as there is patience.
 *
 * @param work refuses before it has done anything
 * @throws BusyError `locked`: the other is still at work
 */
export async function whenFree<Result>(control: OperationControl, work: () => Promise<Result>): Promise<Result> {
  const { patience = 0, signal } = control;
  const { clock } = clockAndChanceOf(control);
  const until = clock() + patience * 1000;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const left = until - clock();
      if (!(error instanceof BusyError && error.code === 'locked') || left <= 0) {
        throw error;
      }
      await setTimeout(Math.min(left, LONGEST_PAUSE_MS), undefined, signal === undefined ? {} : { signal });
    }
  }
}

/** Tells what the configuration is like, say, before the work begins. */
export function tellWarnings({ onEvent }: OperationControl, warnings: readonly string[]): void {
  for (const message of warnings) {
    onEvent?.({ kind: 'warning', message });
  }
}

/** Does a work; where it is interrupted, the error says how things stand then, if it does not say so itself. */
export async function leftAs<Result>(state: InterruptedState, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw isInterruption(error) && !(error instanceof InterruptedError && error.state !== undefined)
      ? new InterruptedError(error instanceof InterruptedError ? error.message : undefined, { state, cause: error })
      : error;
  }
}

/** Node's own calls answer an abort with an AbortError. */
export function isInterruption(error: unknown): boolean {
  return error instanceof InterruptedError || (error instanceof Error && error.name === 'AbortError');
}
