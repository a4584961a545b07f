/** The file postsnap.toml: where it is, and the reading of it. */

import { OperatorError } from '../../errors.ts';
import type { FileSystem } from '../../fs/file-system.ts';
import { readSmallFile } from '../../fs/small-file.ts';
import { errnoOf, systemError } from '../../fs/system-error.ts';
import type { ConfigurationFault } from './configuration-text.ts';
import type { Configuration } from './schema.ts';

/** Where it is looked for unless another is named. It need not be there. */
export const CONFIGURATION_PATH = '/etc/postsnap/postsnap.toml';
/** The environment variable that names another. */
export const CONFIGURATION_VARIABLE = 'POSTSNAP_CONFIGURATION';

export interface ConfigurationFile {
  readonly path: string;
  readonly configuration: Configuration;
  /** Empty: it can be used. */
  readonly faults: readonly ConfigurationFault[];
}

/**
 * @param named - undefined: the usual one, if it is there
 * @returns undefined where none is named and the usual one is not there
 * @throws OperatorError `not-found`: the one that is named is not there; `not-permitted`
 */
export async function readConfigurationFile(
  fs: FileSystem,
  named: string | undefined,
): Promise<ConfigurationFile | undefined> {
  const path = named ?? CONFIGURATION_PATH;
  const text = readText(fs, path);
  if (text === undefined) {
    return named === undefined ? undefined : refuseMissing(path);
  }
  const { readConfigurationText } = await import('./configuration-text.ts');
  const read = readConfigurationText(text);
  return 'faults' in read ? { path, configuration: {}, faults: read.faults } : { path, faults: [], ...read };
}

function readText(fs: FileSystem, path: string): string | undefined {
  try {
    const bytes = readSmallFile(fs, path);
    if (bytes === undefined && isThere(fs, path)) {
      throw new OperatorError('not-permitted', `can't read the configuration ${path}`, {
        path,
        nextStep: 'Run this as root, or let this user read it.',
      });
    }
    return bytes === undefined ? undefined : Buffer.from(bytes, 'latin1').toString();
  } catch (error) {
    throw systemError(error, { action: "can't read the configuration", path });
  }
}

/** Where its directory can't be searched, it may be. */
function isThere(fs: FileSystem, path: string): boolean {
  try {
    return fs.lstat(path) !== undefined;
  } catch (error) {
    if (errnoOf(error) !== 'EACCES') {
      throw error;
    }
    return true;
  }
}

/**
 * The usual file may hold a secret, and so be for root alone. Another user's command goes on without it.
 *
 * @param warn - is told so
 */
export async function readUsualFile(
  fs: FileSystem,
  warn: (text: string) => void,
): Promise<ConfigurationFile | undefined> {
  try {
    return await readConfigurationFile(fs, undefined);
  } catch (error) {
    if (!(error instanceof OperatorError && error.code === 'not-permitted')) {
      throw error;
    }
    warn(`this user may not read ${CONFIGURATION_PATH}: what is set there does not hold`);
    return undefined;
  }
}

function refuseMissing(path: string): never {
  throw new OperatorError('not-found', `there is no configuration ${path}`, {
    path,
    nextStep: `Name another with --configuration or in ${CONFIGURATION_VARIABLE}, or none for ${CONFIGURATION_PATH}.`,
  });
}

/**
 * The file as it can be used.
 *
 * @throws OperatorError `configuration`: the first thing that is wrong with it, by its line
 */
export function usable(file: ConfigurationFile): ConfigurationFile {
  const [first, ...others] = file.faults;
  if (first === undefined) {
    return file;
  }
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  throw new OperatorError('configuration', `${file.path}:${first.line}: ${first.text}${more}`, {
    path: file.path,
    nextStep: 'Mend the file; `postsnap check-config` tells all that is wrong.',
  });
}
