import { EventEmitter } from 'node:events';
import { Readable } from 'node:stream';
import type { InterruptingSignal } from '../../../src/cli/process/interruption.ts';
import type { ProgressDisplay } from '../../../src/cli/process/progress-bar.ts';
import type { StandardOutput } from '../../../src/cli/process/standard-output.ts';
import type { Terminal } from '../../../src/cli/process/terminal.ts';

/** A terminal that remembers what was written to it. */
export interface FakeTerminal extends Terminal {
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly send: (signal: InterruptingSignal) => void;
  /** How many listeners there are for signals. */
  readonly listeners: () => number;
  readonly exits: number[];
}

export function fakeTerminal(parts: Partial<Terminal> = {}): FakeTerminal {
  const emitter = new EventEmitter();
  const exits: number[] = [];
  let stdout = '';
  let held = '';
  let stderr = '';
  const output: StandardOutput = {
    write: (content) => {
      held += Buffer.from(content).toString();
    },
    flush: () => {
      stdout += held;
      held = '';
    },
  };
  return {
    output,
    standardInput: () => Readable.from([]),
    writeError: (text) => {
      stderr += text;
    },
    progressBar: undefined,
    isTerminal: () => false,
    environment: {},
    ignoredSignals: new Set(),
    signals: {
      on: (signal, listener) => emitter.on(signal, listener),
      removeListener: (signal, listener) => emitter.removeListener(signal, listener),
      listenerCount: (signal) => emitter.listenerCount(signal),
      exit: (status) => {
        exits.push(status);
      },
    },
    stdout: () => stdout,
    stderr: () => stderr,
    send: (signal) => {
      emitter.emit(signal);
    },
    listeners: () => emitter.eventNames().length,
    exits,
    ...parts,
  };
}

/** A progress bar that remembers what it was told. */
export function recordingDisplay(): { display: ProgressDisplay; calls: string[] } {
  const calls: string[] = [];
  return {
    calls,
    display: {
      show: ({ phase, done, total }) => {
        calls.push(`${phase} ${done}/${total}`);
      },
      clear: () => {
        calls.push('clear');
      },
    },
  };
}
