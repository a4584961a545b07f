import { execFileSync } from 'node:child_process';
import { chmodSync, closeSync, mkdirSync, openSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { program, type Requirement } from './requirements.ts';

const SECTORS = 1024 * 1024;

/** File systems that can be made in a file, with what makes them. */
const MAKERS = {
  ext4: ['mkfs.ext4', '-q', '-m', '0'],
  xfs: ['mkfs.xfs', '-q', '-K', '-l', 'size=64m'],
  btrfs: ['mkfs.btrfs', '-q'],
} as const;

export type DiskType = keyof typeof MAKERS;
export const DISK_TYPES: readonly DiskType[] = ['ext4', 'xfs', 'btrfs'];

/** That file systems can be mounted at all: containers as a rule may not. */
export const mounting: Requirement = program('unshare', '-m', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt');

/** That a file system of this type can be made and mounted from a file. */
export function disks(type: DiskType): Requirement {
  return () =>
    program(MAKERS[type][0], '-V')() ?? program('sh', '-c', `modprobe ${type}; grep -w ${type} /proc/filesystems`)();
}

export interface Mounted {
  readonly path: string;
  readonly unmount: () => void;
}

function mounted(path: string): Mounted {
  chmodSync(path, 0o755);
  return { path, unmount: () => execFileSync('umount', ['-l', path]) };
}

/** Mounts a file system in memory. @param options as mount(8) takes them: size=1m,nr_inodes=100 */
export function mountMemory(path: string, options: string): Mounted {
  mkdirSync(path, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path]);
  return mounted(path);
}

/** Makes a file system in a sparse file and mounts it. */
export function mountDisk(path: string, type: DiskType, megabytes: number): Mounted {
  const image = `${path}.image`;
  closeSync(openSync(image, 'w'));
  truncateSync(image, megabytes * SECTORS);
  const [maker, ...options] = MAKERS[type];
  execFileSync(maker, [...options, image], { stdio: 'pipe' });
  mkdirSync(path);
  execFileSync('mount', ['-o', 'loop', image, path]);
  return mounted(path);
}

/** Fills a file system until nothing goes in any more. */
export function fill(path: string): string {
  const filler = join(path, 'filler');
  const fd = openSync(filler, 'a');
  for (let size = SECTORS; size >= 1; size = Math.floor(size / 8)) {
    try {
      for (;;) {
        writeSync(fd, Buffer.alloc(size));
      }
    } catch {
      // Full: now with smaller pieces.
    }
  }
  closeSync(fd);
  return filler;
}

export interface FailingDisk extends Mounted {
  /** From now on the file system is as when its disk has gone: calls fail with EIO. */
  readonly fail: () => void;
  /** The disk is back: its file system is mounted anew, and goes by its journal. */
  readonly mend: () => void;
}

/** Makes a disk that fails when it is told to. */
export function mountFailingDisk(path: string): FailingDisk {
  const disk = mountDisk(path, 'ext4', 64);
  return {
    ...disk,
    fail: () => execFileSync('xfs_io', ['-x', '-c', 'shutdown -f', path]),
    mend: () => {
      execFileSync('umount', [path]);
      waitForDetachment(`${path}.image`);
      execFileSync('mount', ['-o', 'loop', `${path}.image`, path]);
    },
  };
}

/** A block device that is still open remembers that writes to it failed, and tells it to the next file system on it. */
function waitForDetachment(image: string): void {
  for (let looks = 0; execFileSync('losetup', ['-j', image]).length > 0; looks += 1) {
    if (looks > 5000) {
      throw new Error(`${image} is still a block device`);
    }
  }
}
