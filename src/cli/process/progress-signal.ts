/** SIGUSR1: how far it is, as one line on stderr, also with `--quiet` and without a terminal. */

/** What this needs of `process`. Without a listener Node.js would open its debugger's port. */
export interface ProgressSignal {
  on(signal: 'SIGUSR1', listener: () => void): unknown;
  removeListener(signal: 'SIGUSR1', listener: () => void): unknown;
}

/** @returns gives the signal its usual meaning back */
export function onProgressSignal(emitter: ProgressSignal, tell: () => void): () => void {
  emitter.on('SIGUSR1', tell);
  return () => void emitter.removeListener('SIGUSR1', tell);
}
