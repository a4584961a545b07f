/**
 * Keeps Postfix from being started in a queue directory meanwhile. master(8) wants `pid/master.pid` for itself alone (master.c,
 * open_lock.c): as long as somebody else has a shared lock on it, `postfix start` says that the mail system is already running,
 * and master itself ends. The lock is that of a flock(1) or lockf(1) which ends with this process, however that ends.
 */

import { join } from 'node:path';
import type { FileSystem } from '../fs/file-system.ts';
import { type HeldCommand, holdCommand } from '../fs/held-command.ts';
import { createExclusive } from '../fs/nfs-safe.ts';
import { nodeFileSystem } from '../fs/node-file-system.ts';
import { isRootsAlone } from '../fs/roots-alone.ts';
import { unlessRefused } from '../fs/system-error.ts';

// They differ from those that only ask (running.ts): BusyBox's flock has no status of its own for a lock that is held.
const LOCK_COMMANDS = [
  ['flock', '-n', '-s'],
  ['lockf', '-k', '-n', '-s', '-t', '0'],
] as const;

/**
 * Takes Postfix's own lock, shared, so that none is started. As root: mail_owner can't open that file.
 *
 * @returns undefined where it can't be had: Postfix has it, the system has no command for it, or the directory `pid` is
 *   missing or not root's alone
 */
export async function keepPostfixOff(
  queueDirectory: string,
  fs: FileSystem = nodeFileSystem,
): Promise<HeldCommand | undefined> {
  const directory = join(queueDirectory, 'pid');
  if (!isRootsAlone(fs, directory)) {
    return undefined;
  }
  const lockFile = join(directory, 'master.pid');
  unlessRefused(() => makeLockFile(fs, lockFile));
  for (const command of fs.lstat(lockFile)?.type === 'file' ? LOCK_COMMANDS : []) {
    const kept = await holdCommand([...command, lockFile]);
    if (kept !== undefined) {
      return kept;
    }
  }
  return undefined;
}

/** As master.c does, where none was started yet. */
function makeLockFile(fs: FileSystem, path: string): void {
  const fd = fs.lstat(path) === undefined ? createExclusive(fs, path, 0o600) : 'exists';
  if (fd !== 'exists') {
    fs.close(fd);
  }
}
