/** One sync of a whole file system, by sync(1), in place of one for each file. */

import { statfsSync } from 'node:fs';
import { platform, release } from 'node:os';
import { SystemError } from '../errors.ts';
import { runCommand } from './command.ts';

// statfs(2), f_type: here syncfs(2) only reaches the kernel's side; what the server or the daemon behind it did with the
// data is not asked (fs/fuse/inode.c, fuse_sync_fs; fs/9p has no sync_fs).
const UNTRUSTED_TYPES: ReadonlySet<number> = new Set([
  0x65735546, // FUSE
  0x01021997, // 9P
]);

/** syncfs(2), "VERSIONS": since Linux 5.8 it returns an error if one of the inodes could not be written back. */
export function reportsWritebackErrors(system: string, kernelRelease: string): boolean {
  const version = /^(\d+)\.(\d+)/u.exec(kernelRelease);
  if (system !== 'linux' || version === null) {
    return false;
  }
  const [major, minor] = [Number(version[1]), Number(version[2])];
  return major > 5 || (major === 5 && minor >= 8);
}

/**
 * `sync -f PATH` of coreutils (since 8.24), which calls syncfs(2): Node has no call for it.
 *
 * It opens the path after the writes. An error of writeback that nobody has been told is still reported then (errseq.c,
 * errseq_sample()). One that another syncfs(2) on the same file system was told a moment before is not; it is in the kernel
 * log. A descriptor that is open from before the writes would know it, but no command takes one: `/proc/self/fd/N` is opened
 * anew as well. fsync(2) of each file would know it, too, and takes many times as long for thousands of files.
 *
 * @returns false where it is not to be had, or would not report errors
 * @throws SystemError `io`: the data could not be written
 */
export function syncWholeFileSystem(path: string): boolean {
  if (!reportsWritebackErrors(platform(), release()) || UNTRUSTED_TYPES.has(statfsSync(path).type)) {
    return false;
  }
  const outcome = runCommand('sync', ['-f', '--', path]);
  if (outcome === undefined || /(?:invalid|unrecognized|unknown) option/u.test(outcome.stderr)) {
    return false;
  }
  if (outcome.status !== 0) {
    throw new SystemError('io', `can't write the file system of ${path} to disk: ${outcome.stderr.trim()}`, {
      errno: 'EIO',
      path,
      nextStep: 'Look for errors of the disk in the kernel log.',
    });
  }
  return true;
}
