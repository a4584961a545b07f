/** The directory of a restore, in which its files wait for their names. */

import { join } from 'node:path';
import type { FileSystem } from '../fs/file-system.ts';
import { safeUnlink } from '../fs/nfs-safe.ts';
import { unlessErrno } from '../fs/system-error.ts';

/**
 * Removes a staging directory and all that is in it: what was staged and never named by a journal, or what a journal
 * that was carried out has left. To be called for no other: a staged file may be the only name that a message has.
 */
export function removeStagingDirectory(fs: FileSystem, path: string): void {
  for (const _ of stagingRemoval(fs, path)) {
    // Nobody else wants a turn.
  }
}

/** {@link removeStagingDirectory} by directories: after each one it pauses, and may be left off. */
export function* stagingRemoval(fs: FileSystem, path: string): Generator<void> {
  if (fs.lstat(path)?.type !== 'directory') {
    return;
  }
  for (const name of fs.readdir(path)) {
    const bucket = join(path, name);
    if (fs.lstat(bucket)?.type === 'directory') {
      for (const file of fs.readdir(bucket)) {
        safeUnlink(fs, join(bucket, file));
      }
      removeEmpty(fs, bucket);
      yield;
    } else {
      safeUnlink(fs, bucket);
    }
  }
  removeEmpty(fs, path);
}

/** A file that somebody still has open may stay as `.nfsXXXX`; the next restore sweeps it. */
function removeEmpty(fs: FileSystem, path: string): void {
  unlessErrno(['ENOENT', 'ENOTEMPTY', 'EEXIST'], () => fs.rmdir(path));
}

/** Where a journal stands until it is sealed; a stray draft goes with the staging directory. */
export function draftPath(stagingDirectory: string, attempt: number): string {
  return join(stagingDirectory, `${attempt}.draft`);
}

/** The staged files and their buckets: looked up only when they are asked for. */
export function stagedFiles(fs: FileSystem, path: string): { files: Iterable<string>; directories: Iterable<string> } {
  const isBucket = (name: string): boolean => fs.lstat(name)?.type === 'directory';
  const buckets = (): string[] =>
    fs
      .readdir(path)
      .map((name) => join(path, name))
      .filter(isBucket);
  return {
    files: {
      *[Symbol.iterator]() {
        for (const bucket of buckets()) {
          yield* fs.readdir(bucket).map((name) => join(bucket, name));
        }
      },
    },
    directories: { [Symbol.iterator]: () => buckets()[Symbol.iterator]() },
  };
}
