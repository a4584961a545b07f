/** The services of master.cf, as postconf(1) tells them. */

import { runCommand } from '../fs/command.ts';

/** A listener of master(8) that other parts of Postfix reach by its name. */
const LOCAL_TYPES: ReadonlySet<string> = new Set(['unix', 'fifo', 'pass', 'unix-dgram']);

/**
 * The names of the services that mail passes through inside of Postfix. What master_service_disable turns off is not among
 * them.
 *
 * @param disabled master_service_disable: types, and names with types
 * @returns undefined where they can't be told: no postconf(1), or one before 2.9
 */
export function readServices(
  configDirectory: string,
  disabled: string,
  run: typeof runCommand = runCommand,
): string[] | undefined {
  const outcome = run('postconf', ['-c', configDirectory, '-M']);
  if (outcome === undefined || outcome.status !== 0) {
    return undefined;
  }
  const off = new Set(disabled.split(/[\s,]+/u).map((each) => each.replace('/', '.')));
  return outcome.stdout.split('\n').flatMap((line) => {
    const [, name, type = ''] = /^(\S+)\s+(\S+)\s/u.exec(line) ?? [];
    const isOn = name !== undefined && LOCAL_TYPES.has(type) && !off.has(type) && !off.has(`${name}.${type}`);
    return isOn ? [name] : [];
  });
}
