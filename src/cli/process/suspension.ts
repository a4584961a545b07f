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
export function beforeSuspension(source: SuspensionSignal, prepare: () => void): () => void {
  const stop = (): void => {
    prepare();
    // A process of mail_owner's is stopped first, by what has tied it to this one: that suspends both.
    if (source.listenerCount('SIGTSTP') === 1) {
      suspend();
    }
  };
  source.on('SIGTSTP', stop);
  return () => void source.removeListener('SIGTSTP', stop);
}
