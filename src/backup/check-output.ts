/** Where a backup must not write: into the queue directory that it reads. */

import { dirname } from 'node:path';
import { type ArchiveDraft, type ArchiveLocation, directoryOf } from '../archive-location.ts';
import { OperatorError } from '../errors.ts';
import { directoriesAbove } from '../fs/directories-above.ts';
import type { FileSystem } from '../fs/file-system.ts';
import { isSameFile } from '../fs/same-file.ts';
import { unlessErrno } from '../fs/system-error.ts';

/**
 * In a queue Postfix takes each file for mail: `postfix check` complains, and `postsuper -s` may move it. The directory is
 * known by its inode, whatever its name, and those above it by `..`, so that links lead nobody astray.
 *
 * @throws OperatorError `output-exists`: no file is made there
 */
export function refuseWithinQueue(
  fs: FileSystem,
  location: ArchiveLocation | ArchiveDraft,
  queueDirectory: string,
): void {
  // Postfix's own pipes are there, too: to qmgr(8) and pickup(8) each byte is a request.
  const directory = location.kind === 'pipe' ? dirname(location.path) : directoryOf(location);
  if (directory !== undefined && isWithin(fs, directory, queueDirectory)) {
    throw new OperatorError('output-exists', `no archive is written into the queue directory ${queueDirectory}`, {
      path: queueDirectory,
      nextStep: 'Name a file elsewhere, on another disk if there is one.',
    });
  }
}

function isWithin(fs: FileSystem, directory: string, queueDirectory: string): boolean {
  const queue = unlessErrno(['EACCES', 'ELOOP'], () => fs.lstat(`${queueDirectory}/.`));
  return [...directoriesAbove(fs, directory)].some(({ status }) => isSameFile(status, queue));
}
