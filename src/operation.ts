/** What every operation takes besides its options, and what it tells while it works. */

import type { ClockAndChance } from './clock-and-chance.ts';

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
}

/** Tells what the configuration is like, say, before the work begins. */
export function tellWarnings({ onEvent }: OperationControl, warnings: readonly string[]): void {
  for (const message of warnings) {
    onEvent?.({ kind: 'warning', message });
  }
}
