/** Opening a file to read it without leaving a trace. */

import type { FileSystem } from './file-system.ts';
import { O_NOATIME, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } from './open-flags.ts';
import { errnoOf } from './system-error.ts';

const READ_FLAGS = O_RDONLY | O_NOFOLLOW | O_NONBLOCK;

/**
 * Opens a file to read it and to leave no trace: links are not followed, and the access time stays as it is where the
 * kernel allows that, which is to the file's owner and root (open(2), O_NOATIME: EPERM).
 *
 * @throws the error of open(2): ELOOP for a symbolic link (EMLINK on FreeBSD)
 */
export function openForReading(fs: FileSystem, path: string): number {
  if (O_NOATIME !== 0) {
    try {
      return fs.open(path, READ_FLAGS | O_NOATIME);
    } catch (error) {
      if (errnoOf(error) !== 'EPERM') {
        throw error;
      }
    }
  }
  return fs.open(path, READ_FLAGS);
}
