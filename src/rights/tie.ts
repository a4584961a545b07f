/**
 * Ties the process of mail_owner to this one: it stops when this one is interrupted, is stopped with it by the terminal, and
 * ends with it. It is in a session of its own, so a terminal's signals don't reach it by themselves.
 */

import type { ChildProcess } from 'node:child_process';
import { suspend } from './suspend.ts';

/** @returns what unties them again */
export function tieToThisProcess(child: ChildProcess, signal: AbortSignal | undefined): () => void {
  // Whatever is written to its standard input asks it to stop at the next safe place; so does its end.
  const stop = (): void => void child.stdin?.write('stop\n');
  const kill = (name: NodeJS.Signals): void => {
    try {
      child.kill(name);
    } catch {
      // Root without CAP_KILL.
    }
  };
  const end = (): void => kill('SIGKILL');
  const pause = (): void => {
    kill('SIGSTOP');
    suspend();
    // Where nobody could continue this one it was not stopped: then that one goes on, too.
    goOn();
  };
  const goOn = (): void => kill('SIGCONT');
  child.stdin?.on('error', () => undefined);
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted === true) {
    stop();
  }
  process.on('exit', end);
  process.on('SIGTSTP', pause);
  process.on('SIGCONT', goOn);
  return () => {
    signal?.removeEventListener('abort', stop);
    process.removeListener('exit', end);
    process.removeListener('SIGTSTP', pause);
    process.removeListener('SIGCONT', goOn);
  };
}
