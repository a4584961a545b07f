/** The real file system, through node:fs. */

import {
  type BigIntStats,
  closeSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  futimesSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmdirSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import type { FileStatus, FileSystem, FileType, ReadRange } from './file-system.ts';
import { freeSpace } from './free-space.ts';
import { sleepSync } from './sleep.ts';
import { syncWholeFileSystem } from './sync-file-system.ts';
import { errnoOf, unlessErrno } from './system-error.ts';

// st_mode's file type, inode(7).
const TYPE_MASK = 0o170000n;
const TYPES: ReadonlyMap<bigint, FileType> = new Map([
  [0o100000n, 'file'],
  [0o040000n, 'directory'],
  [0o120000n, 'link'],
]);

/**
 * Inode and device numbers have 64 bits without a sign; Node gives those from 2⁶³ on as negative ones. GlusterFS, overlayfs
 * (xino) and some NFS servers have such, and Postfix names a queue file after its inode number (mail_queue.h, `%lX`).
 */
export function unsigned(number: bigint): bigint {
  return BigInt.asUintN(64, number);
}

function statusOf(stats: BigIntStats): FileStatus {
  return {
    type: TYPES.get(stats.mode & TYPE_MASK) ?? 'other',
    device: unsigned(stats.dev),
    inode: unsigned(stats.ino),
    mode: Number(stats.mode & 0o7777n),
    links: Number(stats.nlink),
    uid: Number(stats.uid),
    gid: Number(stats.gid),
    size: Number(stats.size),
    mtimeNs: stats.mtimeNs,
    atimeNs: stats.atimeNs,
    ctimeNs: stats.ctimeNs,
    birthtimeNs: stats.birthtimeNs,
  };
}

function lstat(path: string): FileStatus | undefined {
  // The option spares the making of an Error for ENOENT, the usual answer while a queue is running; it leaves ENOTDIR.
  const stats = unlessErrno(['ENOTDIR'], () => lstatSync(path, { bigint: true, throwIfNoEntry: false }));
  return stats === undefined ? undefined : statusOf(stats);
}

function read(fd: number, buffer: Uint8Array, range: ReadRange): number {
  for (;;) {
    // libuv goes on after EINTR by itself, but not with reads (uv__fs_work).
    const count = unlessErrno(['EINTR'], () => readSync(fd, buffer, range.offset, range.length, range.position));
    if (count !== undefined) {
      return count;
    }
  }
}

const FIRST_WAIT_MS = 1;
const LONGEST_WAIT_MS = 50;

function write(fd: number, bytes: Uint8Array, position?: number): void {
  let written = 0;
  let waitMs = FIRST_WAIT_MS;
  while (written < bytes.length) {
    const at = position === undefined ? null : position + written;
    try {
      written += writeSync(fd, bytes, written, bytes.length - written, at);
      waitMs = FIRST_WAIT_MS;
    } catch (error) {
      const errno = errnoOf(error);
      if (errno !== 'EINTR' && errno !== 'EAGAIN') {
        throw error;
      }
      // A pipe whose reader is slow, made non-blocking by whoever else holds it.
      sleepSync(waitMs);
      waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
    }
  }
}

/**
 * libuv takes seconds as a double. Half a microsecond more keeps the double's own rounding (0.24 µs in this century) from
 * costing the last microsecond. libuv cuts it off again, or keeps it (since 1.52): whole microseconds are what can be had.
 * Node takes times before 1970 for "now": 1970 it is then.
 */
function secondsFor(timeNs: bigint): number {
  const microseconds = timeNs < 0n ? 0n : timeNs / 1000n;
  return Number(microseconds / 1_000_000n) + (Number(microseconds % 1_000_000n) + 0.5) / 1_000_000;
}

/** The file system itself. Times are set to the microsecond (Node's limit), and read in nanoseconds. */
export const nodeFileSystem: FileSystem = {
  open: (path, flags, mode) => openSync(path, flags, mode),
  close: (fd) => closeSync(fd),
  read,
  write,
  fstat: (fd) => statusOf(fstatSync(fd, { bigint: true })),
  lstat,
  readdir: (path) => readdirSync(path),
  mkdir: (path, mode) => {
    mkdirSync(path, { mode });
  },
  rmdir: (path) => rmdirSync(path),
  link: (existing, created) => linkSync(existing, created),
  rename: (from, to) => renameSync(from, to),
  unlink: (path) => unlinkSync(path),
  truncate: (fd, length) => ftruncateSync(fd, length),
  fchmod: (fd, mode) => fchmodSync(fd, mode),
  fchown: (fd, uid, gid) => fchownSync(fd, uid, gid),
  futimes: (fd, atimeNs, mtimeNs) => futimesSync(fd, secondsFor(atimeNs), secondsFor(mtimeNs)),
  fsync: (fd) => fsyncSync(fd),
  syncFileSystem: syncWholeFileSystem,
  freeSpace,
};
