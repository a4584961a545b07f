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

/** What this needs of `process`; a test has its own. */
export interface SignalEmitter {
  on(signal: InterruptingSignal, listener: () => void): unknown;
  removeListener(signal: InterruptingSignal, listener: () => void): unknown;
  exit(status: number): void;
}

/**
 * Turns SIGINT, SIGTERM and SIGHUP into an abort. A second SIGINT ends the process at once: whatever is cut off then,
 * the same command finishes, as after a SIGKILL.
 */
export class Interruption {
  readonly #emitter: SignalEmitter;
  readonly #ignored: ReadonlySet<InterruptingSignal>;
  readonly #controller = new AbortController();
  readonly #listeners: ReadonlyMap<InterruptingSignal, () => void>;
  #first: InterruptingSignal | undefined;

  /** @param ignored signals to leave alone. */
  constructor(emitter: SignalEmitter, ignored: ReadonlySet<InterruptingSignal> = new Set()) {
    this.#emitter = emitter;
    this.#ignored = ignored;
    this.#listeners = new Map(SIGNALS.map((name) => [name, () => this.#receive(name)]));
    for (const [name, listener] of this.#listeners) {
      emitter.on(name, listener);
    }
  }

  /** Aborted by the first signal; an operation stops at the next safe place. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The signal that came first, if any. */
  received(): InterruptingSignal | undefined {
    return this.#first;
  }

  /** Gives the signals their usual meaning back. */
  dispose(): void {
    for (const [name, listener] of this.#listeners) {
      this.#emitter.removeListener(name, listener);
    }
  }

  #receive(name: InterruptingSignal): void {
    if (this.#ignored.has(name)) {
      return;
    }
    if (this.#first !== undefined) {
      if (name === 'SIGINT') {
        this.#emitter.exit(signalStatus(name));
      }
      return;
    }
    this.#first = name;
    this.#controller.abort(new InterruptedError());
  }
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
