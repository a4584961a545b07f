/**
 * Keeps Postfix from being started in a queue directory meanwhile. master(8) wants `pid/master.pid` for itself alone (master.c,
 * open_lock.c): as long as somebody else has a shared lock on it, `postfix start` says that the mail system is already running,
 * and master itself ends. The lock is that of a flock(1) or lockf(1) which ends with this process, however that ends.
 *
 * For postfix-script that lock is Postfix: `postfix stop`, `abort`, `drain` and `reload` send a signal to the process ID that the
 * file has. After a crash that is of a master that is gone, and may be another process's by now. So the file is emptied once the
 * lock is had: no master runs then, and the next one writes its own ID there.
 * (repair-start.test.ts, "kills nobody by the process ID of a master that is gone")
 */

import { join } from 'node:path';
import type { FileStatus, FileSystem } from '../fs/file-system.ts';
import { type HeldCommand, holdCommand } from '../fs/held-command.ts';
import { createExclusive } from '../fs/nfs-safe.ts';
import { nodeFileSystem } from '../fs/node-file-system.ts';
import { O_NOFOLLOW, O_NONBLOCK, O_WRONLY } from '../fs/open-flags.ts';
import { isRootsAlone } from '../fs/roots-alone.ts';
import { unlessRefused } from '../fs/system-error.ts';

// They differ from those that only ask (running.ts): BusyBox's flock has no status of its own for a lock that is held.
const LOCK_COMMANDS = [
  ['flock', '-n', '-s'],
  ['lockf', '-k', '-n', '-s', '-t', '0'],
] as const;

/** A warning for where {@link keepPostfixOff} fails, and Postfix is stopped nevertheless. */
export const UNLOCKED =
  "Postfix's own lock can't be had: see to it that nobody starts Postfix while its queue is repaired";

/**
 * Takes Postfix's own lock, shared, so that none is started. As root: mail_owner can't open that file.
 *
 * @returns undefined where it can't be had: Postfix has it, the system has no command for it, or the directory `pid` is
 *   missing or not root's alone, or the file is none that master itself would take
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
  for (const command of isLockFile(fs.lstat(lockFile)) ? LOCK_COMMANDS : []) {
    const kept = await holdCommand([...command, lockFile]);
    if (kept !== undefined) {
      unlessRefused(() => emptyLockFile(fs, lockFile));
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

/** With a second name master does not open it (safe_open.c): it may be the name of any file that mail_owner has put there. */
function isLockFile(status: FileStatus | undefined): boolean {
  return status?.type === 'file' && status.links === 1;
}

/** Whose it is does not matter: in root's own directory, with no other name, it is nobody's else. */
function emptyLockFile(fs: FileSystem, path: string): void {
  const fd = fs.open(path, O_WRONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    if (isLockFile(fs.fstat(fd))) {
      fs.truncate(fd, 0);
    }
  } finally {
    fs.close(fd);
  }
}
