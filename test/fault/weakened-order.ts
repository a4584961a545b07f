/** File systems that undo one of the rules of the restore's order: each of them must break a promise. */

import { constants } from 'node:fs';
import type { FileSystem } from '../../src/fs/file-system.ts';
import { HOUR_NS, NOW_NS } from './restore-world.ts';

export type Weakening = (fs: FileSystem) => FileSystem;

const STAGED_MESSAGE = /\.staged\/.*\.message$/;
const STAGED_LOG = /\.staged\/.*\.(?:defer|bounce|trace)$/;
const LONG_AGO_NS = NOW_NS - 240n * HOUR_NS;

/** The sync of the whole file system with one of these numbers, counted from 1, is not done. */
export function withoutSyncs(...numbers: readonly number[]): Weakening {
  return (fs) => {
    let count = 0;
    return {
      ...fs,
      syncFileSystem: (path) => {
        count += 1;
        return numbers.includes(count) || fs.syncFileSystem(path);
      },
    };
  };
}

/** fsync(2) of what was opened in such a way is not done, so many times. */
export function withoutFsyncOf(
  matches: (path: string, flags: number) => boolean,
  times = Number.POSITIVE_INFINITY,
): Weakening {
  return (fs) => {
    let left = times;
    const passedOver = new Set<number>();
    return {
      ...fs,
      open: (path, flags, mode) => {
        const fd = fs.open(path, flags, mode);
        if (matches(path, flags)) {
          passedOver.add(fd);
        } else {
          passedOver.delete(fd);
        }
        return fd;
      },
      fsync: (fd) => {
        if (passedOver.has(fd) && left > 0) {
          left -= 1;
        } else {
          fs.fsync(fd);
        }
      },
    };
  };
}

/** Staged names go only after the ready bit. */
export const readyBeforeUnlink: Weakening = (fs) => {
  let held: string[] = [];
  return {
    ...fs,
    fstat: (fd) => ({ ...fs.fstat(fd), links: 1 }),
    unlink: (path) => {
      if (STAGED_MESSAGE.test(path)) {
        held.push(path);
      } else {
        fs.unlink(path);
      }
    },
    fchmod: (fd, mode) => {
      fs.fchmod(fd, mode);
      const { inode } = fs.fstat(fd);
      for (const path of held.filter((name) => fs.lstat(name)?.inode === inode)) {
        fs.unlink(path);
        held = held.filter((name) => name !== path);
      }
    },
  };
};

/** Messages are ready when they are staged. */
export const readyFromTheStart: Weakening = (fs) => ({
  ...fs,
  open: (path, flags, mode) =>
    fs.open(path, flags, STAGED_MESSAGE.test(path) && (flags & constants.O_EXCL) !== 0 ? 0o700 : mode),
});

/** The exact time comes with the ready bit. */
export const timeWithReadyBit: Weakening = (fs) => ({
  ...fs,
  fchmod: (fd, mode) => {
    fs.fchmod(fd, mode);
    fs.futimes(fd, LONG_AGO_NS, LONG_AGO_NS);
  },
});

/** Files are staged with the times that they are to have in the end. */
export const stagedWithOldTime: Weakening = (fs) => ({
  ...fs,
  futimes: (fd, _atimeNs, mtimeNs) => {
    const time = mtimeNs < NOW_NS - HOUR_NS * 11n ? LONG_AGO_NS : mtimeNs;
    fs.futimes(fd, time, time);
  },
});

/** A staged log goes as soon as the log has its own name. */
export const logsDroppedEarly: Weakening = (fs) => ({
  ...fs,
  link: (existing, created) => {
    fs.link(existing, created);
    if (STAGED_LOG.test(existing)) {
      fs.unlink(existing);
    }
  },
});

/** Messages lose their staged names before the logs' names are linked. */
export const messagesMovedAtOnce: Weakening = (fs) => ({
  ...fs,
  link: (existing, created) => {
    fs.link(existing, created);
    if (STAGED_MESSAGE.test(existing)) {
      fs.unlink(existing);
    }
  },
});

/** The ready bit is not synced by its descriptor. */
export const readyBitNotSynced: Weakening = (fs) => {
  const readied = new Set<number>();
  return {
    ...fs,
    close: (fd) => {
      readied.delete(fd);
      fs.close(fd);
    },
    fchmod: (fd, mode) => {
      readied.add(fd);
      fs.fchmod(fd, mode);
    },
    fsync: (fd) => {
      if (!readied.has(fd)) {
        fs.fsync(fd);
      }
    },
  };
};
