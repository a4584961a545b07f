/** The exit status of a command that an error ends: a signal that came first has its own. */

import { InterruptedError } from '../../errors.ts';
import { exitStatusOf } from './exit-status.ts';
import { type Interruption, signalStatus } from './interruption.ts';

export function endStatus(error: unknown, interruption: Interruption): number {
  const received = interruption.received();
  return received !== undefined && isInterruption(error) ? signalStatus(received) : exitStatusOf(error);
}

/** Node's own calls answer an abort with an AbortError. */
export function isInterruption(error: unknown): boolean {
  return error instanceof InterruptedError || (error instanceof Error && error.name === 'AbortError');
}
