/** The lines that a command of the system prints, one in memory at a time. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { SYSTEM_DIRECTORIES } from './command.ts';
import { errnoOf } from './system-error.ts';

const COMPLAINT_MAXIMUM = 1000;

/** How a command ended, that was no success. */
export class CommandFailure extends Error {
  /** Whether it is installed at all. */
  readonly isInstalled: boolean;
  constructor(message: string, isInstalled: boolean) {
    super(message);
    this.isInstalled = isInstalled;
  }
}

function endOf({ exitCode, signalCode }: Pick<ChildProcess, 'exitCode' | 'signalCode'>): string {
  return `it ended in ${exitCode ?? signalCode ?? 'nothing'}`;
}

/** @throws CommandFailure */
export async function* commandLines(command: string, commandArguments: readonly string[]): AsyncGenerator<string> {
  const child = spawn(command, commandArguments, {
    env: { LC_ALL: 'C', PATH: SYSTEM_DIRECTORIES },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close');
  // Told below, where they are waited for.
  ended.catch(() => undefined);
  try {
    await once(child, 'spawn');
  } catch (error) {
    throw errnoOf(error) === 'ENOENT' ? new CommandFailure(`${command} is not installed`, false) : error;
  }
  let complaint = '';
  child.stderr.on('data', (piece) => {
    complaint = `${complaint}${String(piece)}`.slice(0, COMPLAINT_MAXIMUM);
  });
  try {
    yield* createInterface({ input: child.stdout, crlfDelay: Number.POSITIVE_INFINITY });
    await ended;
    if (child.exitCode !== 0) {
      throw new CommandFailure(`${command} failed: ${complaint.trim() || endOf(child)}`, true);
    }
  } finally {
    child.kill();
  }
}
