/** The directory that keeps a user from reaching a path. */

import { dirname } from 'node:path';
import type { FileSystem } from './file-system.ts';
import { errnoOf } from './system-error.ts';

/**
 * The directory in the way where a path can't be reached (EACCES): the first one, from the root on, that this process may
 * not enter. Undefined if all of them can be entered, up to the path itself.
 *
 * @param path - absolute
 */
export function closedDirectory(fs: Pick<FileSystem, 'lstat'>, path: string): string | undefined {
  return [...ancestors(path)].reverse().find((directory) => isClosed(fs, directory));
}

function* ancestors(path: string): Generator<string> {
  for (let directory = path; directory !== dirname(directory); ) {
    yield directory;
    directory = dirname(directory);
  }
}

function isClosed(fs: Pick<FileSystem, 'lstat'>, directory: string): boolean {
  try {
    // Looking up a name in it takes the right to enter it.
    fs.lstat(`${directory}/.`);
    return false;
  } catch (error) {
    return errnoOf(error) === 'EACCES';
  }
}
