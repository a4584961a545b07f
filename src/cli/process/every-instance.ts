/**
 * `--all-instances`: one command line for each Postfix instance, one after the other. Each run reads its settings
 * anew, so an instance has its own store, metrics and rules.
 */

import type { InstalledInstance } from '../../postfix/instances.ts';
import { DONE, LEFT_OUT } from './exit-status.ts';

export const EVERY_INSTANCE = '--all-instances';

const COMMANDS: ReadonlySet<string | undefined> = new Set(['backup', 'check-config']);

/** Whether the command line asks for all instances. */
export function asksForEveryInstance(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return COMMANDS.has(argv[0]) && (end < 0 ? argv : argv.slice(0, end)).includes(EVERY_INSTANCE);
}

/**
 * @param run - runs one command line; resolves to its exit status
 * @returns the first status that says that a backup was not taken, else 1 if something was left out, else 0
 */
export async function runForEach(
  argv: readonly string[],
  instances: readonly InstalledInstance[],
  run: (argv: readonly string[]) => Promise<number>,
): Promise<number> {
  const at = argv.indexOf(EVERY_INSTANCE);
  const statuses: number[] = [];
  for (const { name } of instances) {
    const status = await run(argv.toSpliced(at, 1, '--postfix-instance', name));
    statuses.push(status);
    if (isInterruption(status)) {
      break;
    }
  }
  return statuses.find((status) => status !== DONE && status !== LEFT_OUT) ?? Math.max(DONE, ...statuses);
}

/** A signal is for all that is still to be done. */
function isInterruption(status: number): boolean {
  return status > 128;
}
