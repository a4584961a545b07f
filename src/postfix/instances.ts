/** The Postfix instances of a machine, as postmulti(1) tells them. */

import { runCommand } from '../fs/command.ts';

export interface PostfixInstance {
  /** `-` is the primary one, or one without a name. */
  readonly name: string;
  readonly config_directory: string;
}

/** All but the one of this configuration directory; none where there is one instance only, or no postmulti(1). */
export function otherInstances(
  configDirectory: string | undefined,
  run: typeof runCommand = runCommand,
): PostfixInstance[] {
  const outcome = run('postmulti', ['-l']);
  return parseInstances(outcome?.status === 0 ? outcome.stdout : '').filter(
    ({ config_directory }, _, { length }) => length > 1 && config_directory !== configDirectory,
  );
}

/** A line each: name, group, whether it is enabled, and the configuration directory (postmulti(1), -l). */
function parseInstances(output: string): PostfixInstance[] {
  return output.split('\n').flatMap((line) => {
    const [, name, directory] = /^(\S+)\s+\S+\s+\S+\s+(\/.*)$/u.exec(line) ?? [];
    return name === undefined || directory === undefined ? [] : [{ name, config_directory: directory.trimEnd() }];
  });
}
