/** A command of the system that has something for as long as this process wants, such as flock(1). */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { SYSTEM_DIRECTORIES } from './command.ts';

export interface HeldCommand {
  /** Ends it; once it resolves it is gone, and with it what it had. */
  release(): Promise<void>;
}

/** What such a command is to run: it tells that it runs, and ends when its standard input does. */
const HELD = ['sh', '-c', 'echo held && exec cat >/dev/null'] as const;

/**
 * Starts a command that takes something, and then runs the command that it is given. It ends with this process, however that ends.
 *
 * @returns undefined where it is not installed, or does not get what it wants
 */
export async function holdCommand([command, ...options]: readonly [string, ...string[]]): Promise<
  HeldCommand | undefined
> {
  const child = spawn(command, [...options, ...HELD], {
    env: { LC_ALL: 'C', PATH: SYSTEM_DIRECTORIES },
    stdio: ['pipe', 'pipe', 'ignore'],
    // A terminal's signals are for this process, which lets go when its work is done.
    detached: true,
  });
  child.stdin.on('error', () => undefined);
  const ended = endOf(child);
  const isHeld = await Promise.race([once(child.stdout, 'data').then(() => true), ended.then(() => false)]);
  if (!isHeld) {
    return undefined;
  }
  return {
    release: async () => {
      child.stdin.end();
      await ended;
    },
  };
}

/** Also of what is not installed. */
function endOf(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('error', () => resolve());
    child.once('close', () => resolve());
  });
}
