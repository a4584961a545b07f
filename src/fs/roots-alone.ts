/** Whether only root can change where a path leads. */

import { dirname } from 'node:path';
import type { FileStatus, FileSystem } from './file-system.ts';
import { isSameFile } from './same-file.ts';

const WRITABLE_BY_GROUP = 0o020;
const WRITABLE_BY_ALL = 0o002;
const STICKY = 0o1000;
/** Deeper trees than this are taken for a trap. */
const DEEPEST = 256;

/**
 * Whether only root can change what stands in a directory, and what its path leads to: then nobody can lead root elsewhere
 * by the names in it. The path may go through links that root made.
 *
 * @param directory - absolute
 */
export function isRootsAlone(fs: Pick<FileSystem, 'lstat'>, directory: string): boolean {
  // The dot: the directory, not a link to it.
  const own = fs.lstat(`${directory}/.`);
  return (
    own !== undefined &&
    own.uid === 0 &&
    !isWritableByOthers(own) &&
    isWayRoots(fs, namedAncestors(directory), own) &&
    isWayRoots(fs, realAncestors(fs, directory), own)
  );
}

/** The group root is as good as root. */
function isWritableByOthers({ mode, gid }: FileStatus): boolean {
  return (mode & WRITABLE_BY_ALL) !== 0 || ((mode & WRITABLE_BY_GROUP) !== 0 && gid !== 0);
}

/** Whether nobody but root can put something else in the place of a directory on the way, from the bottom up. */
function isWayRoots(fs: Pick<FileSystem, 'lstat'>, ancestors: Iterable<string>, bottom: FileStatus): boolean {
  let child = bottom;
  for (const path of ancestors) {
    const status = fs.lstat(path);
    if (status === undefined || status.uid !== 0) {
      return false;
    }
    // In a sticky directory, as /tmp is, only its owner can rename a file (inode(7)).
    const isSafe = (status.mode & STICKY) !== 0 && child.uid === 0;
    if (isWritableByOthers(status) && !isSafe) {
      return false;
    }
    child = status;
  }
  return true;
}

/** The directories that the path names, each as what it leads to. */
function* namedAncestors(directory: string): Generator<string> {
  for (let path = directory; path !== dirname(path); ) {
    path = dirname(path);
    yield `${path}/.`;
  }
}

/** The directories above it, as the kernel sees them, whatever links the path went through. */
function* realAncestors(fs: Pick<FileSystem, 'lstat'>, directory: string): Generator<string> {
  let path = directory;
  for (let depth = 0; depth < DEEPEST; depth += 1) {
    const parent = `${path}/..`;
    if (isSameFile(fs.lstat(`${path}/.`), fs.lstat(parent))) {
      return;
    }
    yield parent;
    path = parent;
  }
}
