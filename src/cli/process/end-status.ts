/** The exit status of a command that an error ends: a signal that came first has its own. */

import { isInterruption } from '../../operation.ts';
import { exitStatusOf } from './exit-status.ts';
import { type Interruption, signalStatus } from './interruption.ts';

export function endStatus(error: unknown, interruption: Interruption): number {
  const received = interruption.received();
  return received !== undefined && isInterruption(error) ? signalStatus(received) : exitStatusOf(error);
}
