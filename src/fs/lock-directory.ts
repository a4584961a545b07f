/** A lock that has a directory of its own, which comes and goes with it: for what is no directory, or is full of other names. */

import { SystemError } from '../errors.ts';
import type { FileSystem } from './file-system.ts';
import { acquireLock, type Lock } from './lock.ts';
import type { LockEnvironment } from './lock-environment.ts';
import { safeMkdir } from './nfs-safe.ts';
import { unlessRefused } from './system-error.ts';

const MODE = 0o700;
const ATTEMPTS = 5;

/**
 * Takes the lock at once, or says who has it.
 *
 * @param path - of the directory
 * @returns gives it back
 * @throws BusyError `locked`
 * @throws SystemError
 * @throws the error of mkdir(2)
 */
export function lockByDirectory(fs: FileSystem, path: string, environment: LockEnvironment): () => void {
  try {
    const lock = acquire(fs, path, environment);
    return () => {
      lock.release();
      removeIfEmpty(fs, path);
    };
  } catch (error) {
    removeIfEmpty(fs, path);
    throw error;
  }
}

/** Who had it before may remove the directory at any moment. */
function acquire(fs: FileSystem, path: string, environment: LockEnvironment): Lock {
  for (let count = 1; ; count += 1) {
    try {
      if (fs.lstat(path) === undefined) {
        safeMkdir(fs, path, MODE);
      }
      return acquireLock(fs, path, environment);
    } catch (error) {
      if (!(error instanceof SystemError && error.errno === 'ENOENT') || count === ATTEMPTS) {
        throw error;
      }
    }
  }
}

/** Somebody else may have the lock, or be about to take it: then there is something in its directory. Left, it does no harm. */
function removeIfEmpty(fs: FileSystem, path: string): void {
  unlessRefused(() => fs.rmdir(path));
}
