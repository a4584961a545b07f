/**
 * The rows of passwd(5) and group(5). getent(1) asks LDAP and the like, too. A small container may not have it: there the
 * files are all that there is.
 */

import { OperatorError } from '../errors.ts';
import { runCommand } from '../fs/command.ts';
import type { FileSystem } from '../fs/file-system.ts';
import { nodeFileSystem } from '../fs/node-file-system.ts';
import { readSmallFile } from '../fs/small-file.ts';

export type DatabaseName = 'passwd' | 'group';

/** The fields between the colons. In both databases the first is the name and the third the number. */
export type DatabaseRow = readonly string[];

export interface AccountDatabaseAccess {
  readonly fs: FileSystem;
  readonly run: typeof runCommand;
}

const SYSTEM: AccountDatabaseAccess = { fs: nodeFileSystem, run: runCommand };

// getent(1): the key was not found.
const NOT_FOUND = 2;

/**
 * Finds the row of a name, or of a number in decimal.
 *
 * @throws OperatorError `unavailable`: the name service fails
 */
export function findAccountRow(
  database: DatabaseName,
  key: string,
  access: AccountDatabaseAccess = SYSTEM,
): DatabaseRow | undefined {
  const outcome = access.run('getent', [database, key]);
  if (outcome === undefined) {
    return findInFile(access.fs, database, key);
  }
  if (outcome.status === NOT_FOUND) {
    return undefined;
  }
  if (outcome.status !== 0) {
    throw new OperatorError('unavailable', `getent ${database} ${key} failed: ${outcome.stderr.trim()}`, {
      nextStep: 'Look whether the name service works.',
    });
  }
  return outcome.stdout.split('\n')[0]?.split(':');
}

function findInFile(fs: FileSystem, database: DatabaseName, key: string): DatabaseRow | undefined {
  const column = /^\d+$/u.test(key) ? 2 : 0;
  const lines = readSmallFile(fs, `/etc/${database}`)?.split('\n') ?? [];
  return lines.map((line) => line.split(':')).find((row) => row[column] === key);
}
