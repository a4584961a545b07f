/** The lock in the state directory: one restore or repair of a queue at a time. */

import type { FileSystem } from '../fs/file-system.ts';
import { acquireLock, type Lock } from '../fs/lock.ts';
import { systemLockEnvironment } from '../fs/lock-environment.ts';
import { readState, stateDirectory } from './state-directory.ts';

/**
 * Takes the lock of a queue directory.
 *
 * @throws BusyError: another has it
 * @throws SystemError `refused`: mail_owner may not read what stands there
 */
export function lockState(fs: FileSystem, queueDirectory: string): Lock {
  const directory = stateDirectory(queueDirectory);
  return readState(fs, directory, () => acquireLock(fs, directory, systemLockEnvironment()));
}
