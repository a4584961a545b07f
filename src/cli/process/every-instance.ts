/**
 * `--all-instances`: one command line for each Postfix instance, one after the other. Each run reads its settings
 * anew, so an instance has its own store, metrics and rules.
 */

import { OperatorError } from '../../errors.ts';
import type { InstalledInstance } from '../../postfix/instances.ts';
import { metricsFileOf } from '../configuration/settings.ts';
import { worstOf } from './exit-status.ts';

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

/** @throws OperatorError `usage`: one queue would be taken for that of each instance */
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
    const status = await run(withOwnMetrics(argv.toSpliced(at, 1, '--postfix-instance', name), name));
    statuses.push(status);
    if (isInterruption(status)) {
      break;
    }
  }
  return worstOf(statuses);
}

const METRICS = '--metrics-file';

/** The metrics of one instance would take the place of another's. */
function withOwnMetrics(argv: readonly string[], instance: string): readonly string[] {
  const options = optionsIn(argv);
  return argv.map((word, at) => {
    if (at < options.length && argv[at - 1] === METRICS) {
      return metricsFileOf(word, instance);
    }
    return at < options.length && word.startsWith(`${METRICS}=`)
      ? `${METRICS}=${metricsFileOf(word.slice(METRICS.length + 1), instance)}`
      : word;
  });
}

/** A signal is for all that is still to be done. */
function isInterruption(status: number): boolean {
  return status > 128;
}
