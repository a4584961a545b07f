/**
 * The one place for renames, links, unlinks, mkdirs and exclusive creates. Over NFS a call that is not idempotent may
 * succeed and report an error all the same: the server does it, its reply is lost, the client asks again, and the server
 * has forgotten that it did it (NFS_README, "Postfix NFS workarounds"). So no error of such a call is believed before
 * the directory was looked at. The rules are those of Postfix's sane_link.c, sane_rename.c and make_dirs.c (src/util),
 * with two that are stricter: the status of the name itself is compared, never that of what a link points to; and a
 * rename counts as done only if the new name has the very inode that the old one had.
 */

import { SystemError } from '../errors.ts';
import type { FileStatus, FileSystem } from './file-system.ts';
import { O_CREAT, O_EXCL, O_NOFOLLOW, O_RDWR } from './open-flags.ts';
import { isSameFile } from './same-file.ts';
import { errnoOf, unlessRefused } from './system-error.ts';

/** Whether what the directory shows proves that the call was done; a look that fails proves nothing. */
function isProven(look: () => boolean): boolean {
  return unlessRefused(look) ?? false;
}

/**
 * Renames, replacing what has the new name, as rename(2) does.
 *
 * @throws the error of rename(2), unless the old name is gone and the new name has its inode (sane_rename.c)
 */
export function safeRename(fs: FileSystem, from: string, to: string): void {
  const old = fs.lstat(from);
  try {
    fs.rename(from, to);
  } catch (error) {
    if (!isProven(() => isSameFile(old, fs.lstat(to)) && fs.lstat(from) === undefined)) {
      throw error;
    }
  }
}

/**
 * Makes a second name for a file; never replaces anything.
 *
 * @returns 'linked' if `created` is a name of the file `existing` now, also if it was before; 'exists' if another file
 *   has that name
 * @throws the error of link(2), unless device and inode of both names are the same (sane_link.c)
 */
export function safeLink(fs: FileSystem, existing: string, created: string): 'linked' | 'exists' {
  try {
    fs.link(existing, created);
    return 'linked';
  } catch (error) {
    if (isProven(() => isSameFile(fs.lstat(existing), fs.lstat(created)))) {
      return 'linked';
    }
    if (errnoOf(error) === 'EEXIST') {
      return 'exists';
    }
    throw error;
  }
}

/**
 * Removes a name; one that is gone already is as good. An open file must be closed first: NFS keeps it as `.nfsXXXX`.
 *
 * @throws the error of unlink(2), unless nothing has the name
 */
export function safeUnlink(fs: FileSystem, path: string): void {
  try {
    fs.unlink(path);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT' && !isProven(() => fs.lstat(path) === undefined)) {
      throw error;
    }
  }
}

/**
 * Makes a directory; the umask applies to `mode`.
 *
 * @returns 'exists' if a directory (no link to one) was there, or perhaps was just made: the two can't be told apart
 * @throws the error of mkdir(2) otherwise (make_dirs.c)
 */
export function safeMkdir(fs: FileSystem, path: string, mode: number): 'created' | 'exists' {
  try {
    fs.mkdir(path, mode);
    return 'created';
  } catch (error) {
    if (errnoOf(error) === 'EEXIST' && isProven(() => fs.lstat(path)?.type === 'directory')) {
      return 'exists';
    }
    throw error;
  }
}

/**
 * Creates a file for reading and writing under a name that nothing has.
 *
 * @returns its descriptor, or 'exists': whether another made it or this very call did can't be known, so the caller takes
 *   another unique name, and what may have been left behind is swept with the other strays
 */
export function createExclusive(fs: FileSystem, path: string, mode: number): number | 'exists' {
  try {
    return fs.open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') {
      return 'exists';
    }
    throw error;
  }
}

const UNIQUE_NAME_ATTEMPTS = 20;

/**
 * Creates a file under the first of the paths that is free; `nextPath` gives another one at each call, which nobody else
 * can guess or reach.
 */
export function createUnique(fs: FileSystem, nextPath: (attempt: number) => string, mode: number): UniqueFile {
  return createFirstFree(fs, nextPath, { mode, looksFirst: false });
}

/**
 * As {@link createUnique}, and looks at the first path, too: where nobody sweeps a directory, nothing may stay behind of
 * a file that was made though the server said that its name is taken.
 */
export function createUniqueAlone(fs: FileSystem, nextPath: (attempt: number) => string, mode: number): UniqueFile {
  return createFirstFree(fs, nextPath, { mode, looksFirst: true });
}

export interface UniqueFile {
  readonly fd: number;
  readonly path: string;
}

function createFirstFree(
  fs: FileSystem,
  nextPath: (attempt: number) => string,
  { mode, looksFirst }: { readonly mode: number; readonly looksFirst: boolean },
): UniqueFile {
  for (let attempt = 1; ; attempt += 1) {
    const path = nextPath(attempt);
    // Once bitten: a name that was free until this very call is ours, even if the server says that it exists.
    const looks = looksFirst || attempt > 1;
    const wasFree = looks && isProven(() => fs.lstat(path) === undefined);
    const created = createExclusive(fs, path, mode);
    const fd = created === 'exists' && wasFree ? openUntouched(fs, path) : created;
    if (fd !== 'exists') {
      return { fd, path };
    }
    if (attempt === UNIQUE_NAME_ATTEMPTS) {
      throw new SystemError('io', `${path} and ${attempt - 1} names before it are taken, as the system says`, {
        path,
        errno: 'EEXIST',
        nextStep: 'Over NFS, look after the connection to the server: its replies seem to get lost.',
      });
    }
  }
}

function openUntouched(fs: FileSystem, path: string): number | 'exists' {
  const fd = fs.open(path, O_RDWR | O_NOFOLLOW);
  if (isProven(() => isUntouched(fs.fstat(fd)))) {
    return fd;
  }
  fs.close(fd);
  return 'exists';
}

function isUntouched({ type, size, links }: FileStatus): boolean {
  return type === 'file' && size === 0 && links === 1;
}
