import { join } from 'node:path';
import type { FileSystem } from './file-system.ts';
import { createUnique, safeUnlink } from './nfs-safe.ts';
import { systemError } from './system-error.ts';

/**
 * Opens a temporary file that has no name any more: it is gone with its descriptor, however the program ends. Over NFS it
 * stays as `.nfsXXXX` until then.
 *
 * @param randomName - another text at each call, fit for a file name
 * @returns the descriptor, for reading and writing
 * @throws SystemError
 */
export function openSpoolFile(fs: FileSystem, directory: string, randomName: () => string): number {
  try {
    const { fd, path } = createUnique(fs, () => join(directory, `.postsnap.${randomName()}.tmp`), 0o600);
    safeUnlink(fs, path);
    return fd;
  } catch (error) {
    throw systemError(error, {
      action: "can't make a temporary file in",
      path: directory,
      nextStep: 'Name a directory that can be written, and that has room for the whole archive, in TMPDIR.',
    });
  }
}
