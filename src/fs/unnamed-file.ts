/** A file without a name, which is gone with its descriptor. */

import { join } from 'node:path';
import { randomNames, SYSTEM_CLOCK_AND_CHANCE } from '../clock-and-chance.ts';
import type { FileSystem } from './file-system.ts';
import { createUniqueAlone, safeUnlink } from './nfs-safe.ts';
import { systemError } from './system-error.ts';

/**
 * Opens a temporary file that has no name any more: it is gone with its descriptor, however the program ends. Over NFS it
 * stays as `.nfsXXXX` until then.
 *
 * @param randomName - another text at each call, fit for a file name; nobody sees it
 * @returns the descriptor, for reading and writing
 * @throws SystemError
 */
export function openUnnamedFile(
  fs: FileSystem,
  directory: string,
  randomName: () => string = randomNames(SYSTEM_CLOCK_AND_CHANCE),
): number {
  try {
    const { fd, path } = createUniqueAlone(fs, () => join(directory, `.postsnap.${randomName()}.tmp`), 0o600);
    removeName(fs, fd, path);
    return fd;
  } catch (error) {
    throw systemError(error, {
      action: "can't make a temporary file in",
      path: directory,
      nextStep: 'Name a directory that can be written, and that has room for the whole archive, in TMPDIR.',
    });
  }
}

/** Nothing stays behind of a file that could not be made nameless, if the system lets its name go at all. */
function removeName(fs: FileSystem, fd: number, path: string): void {
  try {
    safeUnlink(fs, path);
  } catch (error) {
    fs.close(fd);
    safeUnlink(fs, path);
    throw error;
  }
}
