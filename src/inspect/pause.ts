/** A chance for signals, while a catalogue is read. */

import { InterruptedError } from '../errors.ts';

/**
 * All reading is synchronous: signals, timers and messages of workers get their turn here.
 *
 * @throws InterruptedError: once the signal was aborted.
 */
export async function pause(signal: AbortSignal | undefined): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  if (signal?.aborted === true) {
    throw signal.reason instanceof InterruptedError
      ? signal.reason
      : new InterruptedError(undefined, { cause: signal.reason });
  }
}
