/**
 * `--all-instances`: one command line for each Postfix instance, one after the other. Each run reads its settings
 * anew, so an instance has its own store, metrics and rules.
 */

import { OperatorError } from '../../errors.ts';
import type { InstalledInstance } from '../../postfix/instances.ts';
import { DONE, LEFT_OUT } from './exit-status.ts';

export const EVERY_INSTANCE = '--all-instances';

const COMMANDS: ReadonlySet<string | undefined> = new Set(['backup', 'check-config']);

/** Whether the command line asks for all instances. */
export function asksForEveryInstance(argv: readonly string[]): boolean {
  return COMMANDS.has(argv[0]) && optionsIn(argv).includes(EVERY_INSTANCE);
}

function optionsIn(argv: readonly string[]): readonly string[] {
  const end = argv.indexOf('--');
  return end < 0 ? argv : argv.slice(0, end);
}

/** Each of them means the queue of one instance. */
const OF_ONE = /^(?:-[jqv]*[ci]|--(?:config-dir|postfix-instance|queue-directory)(?:=|$))/u;

/** @throws OperatorError 'usage': one queue would be taken for that of each instance */
function refuseOne(argv: readonly string[]): void {
  const given = optionsIn(argv).find((word) => OF_ONE.test(word));
  if (given !== undefined) {
    throw new OperatorError('usage', `${given} means the queue of one instance, and all are asked for`, {
      nextStep: `Leave it out, or ${EVERY_INSTANCE}.`,
    });
  }
}

/**
 * @param run runs one command line; resolves to its exit status
 * @returns the first status that says that a backup was not taken, else 1 if something was left out, else 0
 */
export async function runForEach(
  argv: readonly string[],
  instances: readonly InstalledInstance[],
  run: (argv: readonly string[]) => Promise<number>,
): Promise<number> {
  refuseOne(argv);
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
