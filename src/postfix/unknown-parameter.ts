/** The names of Postfix parameters that are overridden: one that no Postfix knows has no effect, and was meant otherwise. */

import { OperatorError } from '../errors.ts';
import type { runCommand } from '../fs/command.ts';
import { nearestName } from './nearest-name.ts';
import { PARAMETER_NAMES, parsePostconf } from './parameters.ts';

export interface Overrides {
  readonly configDirectory?: string | undefined;
  readonly overrides?: Readonly<Record<string, string>> | undefined;
}

/**
 * Refuses to override a parameter that does not exist. postconf(1) knows all, also those that main.cf defines for itself;
 * without Postfix only those count that postsnap reads.
 *
 * @throws OperatorError `usage`
 */
export function refuseUnknownParameters({ configDirectory, overrides = {} }: Overrides, run: typeof runCommand): void {
  const names = Object.keys(overrides);
  const unread = names.filter((name) => !PARAMETER_NAMES.includes(name));
  if (unread.length === 0) {
    return;
  }
  const known = [...PARAMETER_NAMES, ...knownToPostfix(configDirectory, run)];
  const unknown = unread.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new OperatorError('usage', `Postfix has no parameter ${JSON.stringify(unknown)}`, {
      nextStep: `The nearest name is ${nearestName(unknown, known) ?? ''}.`,
    });
  }
}

/** Those of main.cf, too; where it can't be read, those that are built in. */
function knownToPostfix(configDirectory: string | undefined, run: typeof runCommand): Iterable<string> {
  const where = configDirectory === undefined ? [] : ['-c', configDirectory];
  const configured = run('postconf', where);
  const outcome = configured?.status === 0 ? configured : run('postconf', ['-d']);
  return parsePostconf(outcome?.stdout ?? '').keys();
}
