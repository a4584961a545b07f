/** The calls that make files and names durable. */

import { dirname, join } from 'node:path';
import type { FileSystem } from './file-system.ts';
import { O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } from './open-flags.ts';
import { unlessErrno } from './system-error.ts';

export interface WrittenPaths {
  /** Any path on the file system that holds them all. */
  readonly root: string;
  /** The files that were written or whose status was changed. Looked at only if the whole can't be synced. */
  readonly files: Iterable<string>;
  /** The directories in which names were made, changed or removed. */
  readonly directories: Iterable<string>;
}

/**
 * Returns when all that was written is on disk: by one sync of the whole file system, or, where that is not to be had, by
 * fsync of each file and then of each directory. Names that are gone (Postfix delivered the message) are passed over.
 * (durable.test.ts, "syncs the files before the directories: no name without its data")
 *
 * @returns 'whole' or 'each': which of the two it was
 * @throws the error of fsync(2): then nothing may be taken as durable
 */
export function makeDurable(fs: FileSystem, written: WrittenPaths): 'whole' | 'each' {
  if (fs.syncFileSystem(written.root)) {
    return 'whole';
  }
  for (const path of written.files) {
    fsyncFile(fs, path);
  }
  for (const path of written.directories) {
    fsyncDirectory(fs, path);
  }
  return 'each';
}

/**
 * The directories that the names of `paths` are in, and all above them below `root`: each may be new, and what is in a directory
 * whose own name is not on disk is nowhere after a power loss.
 */
export function directoriesOf(paths: Iterable<string>, root: string): Set<string> {
  const directories = new Set<string>();
  for (const path of paths) {
    for (let at = dirname(path); at.startsWith(join(root, '/')) && !directories.has(at); at = dirname(at)) {
      directories.add(at);
    }
  }
  return directories;
}

/** fsync(2) of a file by its name; links are not followed. A name that is gone is passed over. */
export function fsyncFile(fs: FileSystem, path: string): void {
  fsyncPath(fs, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
}

/** fsync(2) of a directory, which makes the names in it durable. One that is gone is passed over. */
export function fsyncDirectory(fs: FileSystem, path: string): void {
  // EINVAL: the file system has no such call for directories (CIFS), and nothing can be done about it.
  unlessErrno(['EINVAL'], () => fsyncPath(fs, path, O_RDONLY | O_DIRECTORY));
}

function fsyncPath(fs: FileSystem, path: string, flags: number): void {
  const fd = unlessErrno(['ENOENT'], () => fs.open(path, flags));
  if (fd === undefined) {
    return;
  }
  try {
    fs.fsync(fd);
  } finally {
    fs.close(fd);
  }
}
