/** Whether Postfix works on a queue directory. */

import { join } from 'node:path';
import { runCommand } from '../fs/command.ts';
import type { FileSystem } from '../fs/file-system.ts';
import { nodeFileSystem } from '../fs/node-file-system.ts';
import { readSmallFile } from '../fs/small-file.ts';

export interface RunningQuestion {
  readonly queueDirectory: string;
  /** Where main.cf is, if it belongs to this very queue directory; else undefined. */
  readonly configDirectory: string | undefined;
}

export interface RunningAnswer {
  readonly running: boolean;
  /** What told it. */
  readonly by: 'flock' | 'lockf' | 'postfix status' | '/proc/locks' | 'no lock file';
}

export interface RunningAccess {
  readonly fs: FileSystem;
  readonly run: typeof runCommand;
}

const SYSTEM: RunningAccess = { fs: nodeFileSystem, run: runCommand };

/**
 * Whether Postfix works on this queue directory. The master holds a lock on `pid/master.pid` for as long as it lives
 * (master.c); the file stays behind when it is gone, so its existence says nothing. Asked for the lock are, in this order:
 * flock(1) of Linux or lockf(1) of FreeBSD, which try it as `master -t` does; `postfix status`; /proc/locks, which does not
 * show the locks of other pid namespaces. To be called as root: mail_owner can't open that file.
 *
 * @returns undefined if it can't be told
 */
export function isPostfixRunning(question: RunningQuestion, access: RunningAccess = SYSTEM): RunningAnswer | undefined {
  const lockFile = join(question.queueDirectory, 'pid', 'master.pid');
  if (access.fs.lstat(lockFile)?.type !== 'file') {
    // master.c: without the file "master -t" takes it that nothing is running, too.
    return { running: false, by: 'no lock file' };
  }
  return askForLock(lockFile, access) ?? askPostfix(question.configDirectory, access) ?? askProcLocks(lockFile, access);
}

const LOCK_IS_HELD = 75;

// A shared lock is enough to see an exclusive one, and the status of its own tells it from every other failure. Neither
// command makes the file: flock would, but it was seen to be there; lockf is told not to.
const LOCK_COMMANDS = [
  { by: 'flock', options: ['-n', '-s', '-E', String(LOCK_IS_HELD)] },
  { by: 'lockf', options: ['-k', '-n', '-s', '-t', '0'] },
] as const;

function askForLock(lockFile: string, { run }: RunningAccess): RunningAnswer | undefined {
  for (const { by, options } of LOCK_COMMANDS) {
    const status = run(by, [...options, lockFile, 'true'])?.status;
    if (status === 0 || status === LOCK_IS_HELD) {
      return { running: status === LOCK_IS_HELD, by };
    }
  }
  return undefined;
}

// postfix-script, "status": 0 if the lock is held. 1 may be a broken configuration as well, and the words that would tell
// go to the log only where there is no terminal: so a 1 says nothing.
function askPostfix(configDirectory: string | undefined, { run }: RunningAccess): RunningAnswer | undefined {
  const outcome = configDirectory === undefined ? undefined : run('postfix', ['-c', configDirectory, 'status']);
  return outcome?.status === 0 ? { running: true, by: 'postfix status' } : undefined;
}

// proc_locks(5): "1: FLOCK  ADVISORY  WRITE 359 08:02:5243 0 EOF", the file as major:minor (hexadecimal) and inode.
function askProcLocks(lockFile: string, { fs }: RunningAccess): RunningAnswer | undefined {
  const locks = readSmallFile(fs, '/proc/locks');
  const status = fs.lstat(lockFile);
  if (locks === undefined || status === undefined) {
    return undefined;
  }
  const wanted = `${deviceText(status.device)}:${status.inode}`;
  const running = locks.split('\n').some((line) => line.split(/\s+/u).includes(wanted) && line.includes('WRITE'));
  return { running, by: '/proc/locks' };
}

/** makedev(3), Linux: 12 and 20 bits of major and 8 and 12 of minor, interleaved. */
function deviceText(device: bigint): string {
  const major = ((device >> 8n) & 0xfffn) | ((device >> 32n) & 0xfffff000n);
  const minor = (device & 0xffn) | ((device >> 12n) & 0xffffff00n);
  return [major, minor].map((part) => part.toString(16).padStart(2, '0')).join(':');
}
