/** The signals that end a command at its next safe place. */

import { constants } from 'node:os';
import { InterruptedError } from '../../errors.ts';
import { readProcFile } from '../../fs/proc-file.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
export type InterruptingSignal = (typeof SIGNALS)[number];

/** The status that a shell gives to a process ended by this signal: 130, 143, 129. */
export function signalStatus(signal: InterruptingSignal): number {
  return 128 + constants.signals[signal];
}

export interface Interruption {
  /** Aborted by the first signal; an operation stops at the next safe place. */
  readonly signal: AbortSignal;
  /** The signal that came first, if any. */
  readonly received: () => InterruptingSignal | undefined;
  /** Gives the signals their usual meaning back. */
  readonly dispose: () => void;
}

/** What this needs of `process`; a test has its own. */
export interface SignalEmitter {
  on(signal: InterruptingSignal, listener: () => void): unknown;
  removeListener(signal: InterruptingSignal, listener: () => void): unknown;
  exit(status: number): void;
}

/**
 * Turns SIGINT, SIGTERM and SIGHUP into an abort. A second SIGINT ends the process at once: whatever is cut off then,
 * the same command finishes, as after a SIGKILL.
 *
 * @param ignored signals to leave alone.
 */
export function watchForInterruption(
  source: SignalEmitter,
  ignored: ReadonlySet<InterruptingSignal> = new Set(),
): Interruption {
  const controller = new AbortController();
  let first: InterruptingSignal | undefined;
  const listeners = new Map<InterruptingSignal, () => void>();
  for (const name of SIGNALS) {
    listeners.set(name, () => {
      if (ignored.has(name)) {
        return;
      }
      if (first !== undefined && name === 'SIGINT') {
        source.exit(signalStatus(name));
      }
      if (first !== undefined) {
        return;
      }
      first = name;
      controller.abort(new InterruptedError(`interrupted by ${name}`));
    });
  }
  for (const [name, listener] of listeners) {
    source.on(name, listener);
  }
  return {
    signal: controller.signal,
    received: () => first,
    dispose: () => {
      for (const [name, listener] of listeners) {
        source.removeListener(name, listener);
      }
    },
  };
}

/**
 * The signals that a parent wants ignored, as postsuper(1) honours it. Node gives every signal its default back before
 * any of our code runs, so all that can still be seen is the parent's own mask, and only for SIGHUP does that tell
 * anything: shells ignore SIGINT and SIGTERM for themselves alone. A script run by nohup is honoured so; nohup itself,
 * directly before postsnap, can't be seen.
 */
export function ignoredByParent(
  parentStatus: string | undefined = readProcFile(`/proc/${process.ppid}/status`),
): ReadonlySet<InterruptingSignal> {
  const mask = /^SigIgn:\s*([0-9a-f]+)$/mu.exec(parentStatus ?? '')?.[1];
  if (mask === undefined) {
    return new Set();
  }
  const hangup = 1n << BigInt(constants.signals.SIGHUP - 1);
  return (BigInt(`0x${mask}`) & hangup) === 0n ? new Set() : new Set(['SIGHUP']);
}
