/** The directories that a file is in, and that it must not be in. */

import { OperatorError } from '../errors.ts';
import type { FileStatus, FileSystem } from './file-system.ts';
import { isSameFile } from './same-file.ts';
import { unlessErrno } from './system-error.ts';

/** More directories than any path goes through. */
const DEEPEST = 256;
const UNSEEN = ['EACCES', 'ELOOP', 'ENAMETOOLONG'];

interface DirectoryAbove {
  readonly path: string;
  readonly status: FileStatus;
}

/**
 * A directory and those above it, by `..`, so that links lead nobody astray. It ends at the root, or at what can't be
 * looked at: that is told when a file is made there.
 */
export function* directoriesAbove(fs: Pick<FileSystem, 'lstat'>, directory: string): Generator<DirectoryAbove> {
  let below: FileStatus | undefined;
  for (let path = `${directory}/.`, depth = 0; depth < DEEPEST; path += '/..', depth += 1) {
    const status = unlessErrno(UNSEEN, () => fs.lstat(path));
    if (status === undefined || isSameFile(status, below)) {
      return;
    }
    yield { path, status };
    below = status;
  }
}

/** A kind of directory, known by the directories in it. */
export interface KnownDirectory {
  readonly holds: readonly string[];
  /** `a queue directory, where files are mail` */
  readonly what: string;
}

/**
 * Refuses to have a file made in a directory of that kind, or anywhere below one.
 *
 * @throws OperatorError `output-exists`
 */
export function refuseWithin(fs: Pick<FileSystem, 'lstat'>, directory: string, { holds, what }: KnownDirectory): void {
  for (const { path } of directoriesAbove(fs, directory)) {
    if (holds.every((name) => isDirectory(fs, `${path}/${name}`))) {
      throw new OperatorError('output-exists', `${directory} is within ${what}`, {
        path: directory,
        nextStep: 'Name a place elsewhere.',
      });
    }
  }
}

function isDirectory(fs: Pick<FileSystem, 'lstat'>, path: string): boolean {
  return unlessErrno([...UNSEEN, 'ENOTDIR'], () => fs.lstat(`${path}/.`))?.type === 'directory';
}
