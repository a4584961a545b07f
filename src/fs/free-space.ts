/** The free room on a file system: statfs(2), and what file systems make of it. */

import { type BigIntStatsFs, statfsSync } from 'node:fs';
import { runCommand } from './command.ts';
import type { FreeSpace } from './file-system.ts';

/** What statfs(2) tells. */
export interface SpaceFigures {
  /** f_type: which file system it is. */
  readonly type: bigint;
  /** Blocks that remain for users other than root. */
  readonly availableBlocks: bigint;
  /** Bytes of a block: f_frsize. */
  readonly blockSize: bigint;
  /** Inodes in all, and those of them that are free. */
  readonly inodes: bigint;
  readonly freeInodes: bigint;
}

const TMPFS = 0x01021994n;

/** statfs(2), f_type: file systems that count their inodes. Of these, no free inode means that there is none. */
const COUNTING_TYPES: ReadonlySet<bigint> = new Set([
  0xef53n, // ext2, ext3, ext4
  0x58465342n, // xfs
  TMPFS,
  0x2fc12fc1n, // zfs
  0xf2f52010n, // f2fs
]);

const ALL_ONES = 0xffff_ffff_ffff_ffffn;

/**
 * How many inodes are free; undefined where that is not counted. btrfs says that it has no inodes at all. CephFS tells how
 * many objects there are, and that -1 inodes are free (fs/ceph/super.c, ceph_statfs); ReiserFS says -1 to both, and others
 * say that 0 are free.
 */
export function freeInodes({ type, inodes, freeInodes: free }: SpaceFigures): bigint | undefined {
  const total = BigInt.asUintN(64, inodes);
  const left = BigInt.asUintN(64, free);
  if (total === 0n || total === ALL_ONES || left === ALL_ONES || left > total) {
    return undefined;
  }
  return left === 0n && !COUNTING_TYPES.has(type) ? undefined : left;
}

/** The room for files of this user. A queue is written as mail_owner, so the blocks that are kept for root do not count. */
export function freeSpace(path: string): FreeSpace {
  const stats = statfsSync(path, { bigint: true });
  const figures: SpaceFigures = {
    type: stats.type,
    availableBlocks: stats.bavail,
    blockSize: blockSizeOf(stats, path),
    inodes: stats.files,
    freeInodes: stats.ffree,
  };
  return {
    bytes: figures.availableBlocks * figures.blockSize,
    inodes: freeInodes(figures),
    linksTakeInodes: figures.type === TMPFS,
  };
}

/**
 * The unit of f_bavail: f_frsize (statvfs(3)). It differs from f_bsize where the file system is a daemon's: FUSE hands both
 * on as the daemon gave them (fs/fuse/inode.c, convert_fuse_statfs). Not all versions of Node tell it: then `stat -f` is
 * asked, and f_bsize, which is the same on most file systems, stands in where there is no such command.
 */
function blockSizeOf(stats: BigIntStatsFs & { readonly frsize?: bigint }, path: string): bigint {
  const told = stats.frsize ?? BigInt(fundamentalBlockSize(path) ?? 0);
  return told > 0n ? told : stats.bsize;
}

/** `stat -f -c %S` of coreutils and busybox. */
function fundamentalBlockSize(path: string): string | undefined {
  const outcome = runCommand('stat', ['-f', '-c', '%S', '--', path]);
  const text = outcome?.status === 0 ? outcome.stdout.trim() : '';
  return /^\d{1,15}$/u.test(text) ? text : undefined;
}
