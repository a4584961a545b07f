/** The instances of Postfix on this machine, as postmulti(1) lists them. */

import { OperatorError } from '../errors.ts';
import { runCommand } from '../fs/command.ts';

export interface InstalledInstance {
  /** multi_instance_name; `-` is the primary one, or one without a name. */
  readonly name: string;
  readonly isEnabled: boolean;
  readonly configDirectory: string;
}

/** As a report has it. */
export interface PostfixInstance {
  /** `-` is the primary one, or one without a name. */
  readonly name: string;
  readonly config_directory: string;
}

/** postmulti(1): name, group, enabled (y or n), configuration directory. A name or group that is missing is `-`. */
const LINE = /^(\S+)\s+\S+\s+([yn])\s+(\/.*)$/u;

function parseInstances(text: string): InstalledInstance[] {
  return text.split('\n').flatMap((line) => {
    const [, name, enabled, directory] = LINE.exec(line) ?? [];
    return name === undefined || directory === undefined
      ? []
      : [{ name, isEnabled: enabled === 'y', configDirectory: directory.trimEnd() }];
  });
}

/** All but the one of this configuration directory; none where there is one instance only, or no postmulti(1). */
export function otherInstances(
  configDirectory: string | undefined,
  run: typeof runCommand = runCommand,
): PostfixInstance[] {
  const outcome = run('postmulti', ['-l']);
  const instances = parseInstances(outcome?.status === 0 ? outcome.stdout : '');
  return instances
    .filter((instance) => instances.length > 1 && instance.configDirectory !== configDirectory)
    .map((instance) => ({ name: instance.name, config_directory: instance.configDirectory }));
}

/**
 * All instances of this machine, the primary one first.
 *
 * @throws OperatorError `unavailable`: there is no postmulti; `configuration`: postmulti refuses
 */
export function listInstances(run: typeof runCommand = runCommand): InstalledInstance[] {
  const outcome = run('postmulti', ['-l']);
  if (outcome === undefined) {
    throw new OperatorError('unavailable', 'postmulti is not installed, so the instances of Postfix are not known', {
      nextStep: 'Name the configuration directory.',
    });
  }
  const instances = parseInstances(outcome.stdout);
  if (outcome.status !== 0 || instances.length === 0) {
    throw new OperatorError('configuration', `postmulti can't list the instances: ${outcome.stderr.trim()}`, {
      nextStep: 'Mend the configuration until "postmulti -l" succeeds.',
    });
  }
  return instances;
}

/**
 * The configuration directory of an instance.
 *
 * @throws OperatorError `configuration`: there is no such instance
 * @throws as {@link listInstances} does
 */
export function instanceDirectory(name: string, run: typeof runCommand = runCommand): string {
  const instances = listInstances(run);
  const found = instances.find((instance) => instance.name === name);
  if (found === undefined) {
    const names = instances.map((instance) => instance.name).join(', ');
    throw new OperatorError('configuration', `there is no Postfix instance ${name}; postmulti lists: ${names}`, {
      nextStep: 'Name one of them; - is the primary one.',
    });
  }
  return found.configDirectory;
}
