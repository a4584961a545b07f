/** Ctrl-Z: what is on the terminal for a moment only is taken away before the shell writes on it. */

import { suspend } from '../../rights/suspend.ts';

/** What this needs of `process`. */
export interface SuspensionSignal {
  on(signal: 'SIGTSTP', listener: () => void): unknown;
  removeListener(signal: 'SIGTSTP', listener: () => void): unknown;
  listenerCount(signal: 'SIGTSTP'): number;
}

/**
 * @param prepare takes away what must not stand before the prompt
 * @returns gives the signal its usual meaning back
 */
export function beforeSuspension(emitter: SuspensionSignal, prepare: () => void): () => void {
  const stop = (): void => {
    prepare();
    // A process of mail_owner's is stopped first, by what has tied it to this one: that suspends both.
    if (emitter.listenerCount('SIGTSTP') === 1) {
      suspend();
    }
  };
  emitter.on('SIGTSTP', stop);
  return () => void emitter.removeListener('SIGTSTP', stop);
}
