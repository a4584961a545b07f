/** A new file that gets its name only once it is complete and on disk. */

import { basename, dirname, join } from 'node:path';
import { OperatorError } from '../errors.ts';
import { stepToWrite } from './capabilities.ts';
import { fsyncDirectory } from './durable.ts';
import { errnoText } from './errno-text.ts';
import type { FileStatus, FileSystem } from './file-system.ts';
import { createExclusive, createUniqueAlone, safeLink, safeRename, safeUnlink } from './nfs-safe.ts';
import { isSameFile } from './same-file.ts';
import { errnoOf, systemError } from './system-error.ts';

export interface AtomicNaming {
  /** Another text at each call, fit for a file name. */
  readonly randomName: () => string;
  /** Whether what has the name already was made to be replaced. Nothing else ever is. */
  readonly mayReplace?: (path: string) => boolean;
}

// Names of 255 bytes are the limit nearly everywhere.
const LONGEST_KEPT_NAME = 180;

function temporaryName(path: string, random: string): string {
  const name = basename(path);
  const kept = Buffer.byteLength(name) > LONGEST_KEPT_NAME ? 'postsnap' : name;
  return join(dirname(path), `.${kept}.${random}.tmp`);
}

function outputExists(path: string): OperatorError {
  return new OperatorError('output-exists', `${path} exists already, and is not replaced`, {
    path,
    nextStep: 'Choose another name, or move that file away.',
  });
}

// Where a file can't be made at all, as against a disk that fails while it is written.
const CANNOT_CREATE: ReadonlySet<string> = new Set([
  'EACCES',
  'EISDIR',
  'ELOOP',
  'ENAMETOOLONG',
  'ENOENT',
  'ENOTDIR',
  'EPERM',
  'EROFS',
]);

function createTemporary(fs: FileSystem, path: string, randomName: () => string): { fd: number; path: string } {
  try {
    return createUniqueAlone(fs, () => temporaryName(path, randomName()), 0o600);
  } catch (error) {
    throw cannotCreate(path, error);
  }
}

const ELSEWHERE = 'Name a directory that exists and that you may write to.';

function cannotCreate(path: string, error: unknown): unknown {
  const errno = errnoOf(error);
  if (errno !== undefined && CANNOT_CREATE.has(errno)) {
    return new OperatorError('output-exists', `can't create a file in ${dirname(path)}: ${errnoText(errno)}`, {
      path,
      nextStep: errno === 'EACCES' ? stepToWrite() : ELSEWHERE,
      cause: error,
    });
  }
  return systemError(error, { action: "can't create a file in", path: dirname(path) });
}

// link(2) on vfat and exfat, on some FUSE file systems, and where the file system forbids hard links.
const NO_HARD_LINKS: ReadonlySet<string> = new Set(['EPERM', 'EOPNOTSUPP', 'ENOTSUP', 'ENOSYS', 'EMLINK', 'EINVAL']);

/**
 * Where there are no hard links, only rename(2) gives a finished file its name, and it replaces what has the name. So the
 * name is taken first, by an empty file made with O_EXCL, and that own file is what the rename replaces: nobody else's
 * file can be. A crash between the two leaves an empty file, which no reader takes for an archive.
 * (atomic-file.test.ts, "never replaces a file that gets its name meanwhile, at whichever call")
 */
function publishByRename(fs: FileSystem, temporary: string, path: string): 'created' | 'exists' {
  const placeholder = createExclusive(fs, path, 0o600);
  if (placeholder === 'exists') {
    return 'exists';
  }
  let isOurs = true;
  try {
    const own = statusAndClose(fs, placeholder);
    const now = fs.lstat(path);
    isOurs = isSameFile(own, now) && now?.size === 0;
    if (!isOurs) {
      return 'exists';
    }
    safeRename(fs, temporary, path);
    return 'created';
  } catch (error) {
    if (isOurs) {
      safeUnlink(fs, path);
    }
    throw error;
  }
}

function statusAndClose(fs: FileSystem, fd: number): FileStatus {
  try {
    return fs.fstat(fd);
  } finally {
    fs.close(fd);
  }
}

/**
 * Gives a file that is complete and durable its name in place of its temporary one, and never replaces anything. The name
 * is not durable yet.
 *
 * @returns 'exists' if something has that name; the temporary name stays then
 */
export function giveName(fs: FileSystem, temporary: string, path: string): 'created' | 'exists' {
  try {
    if (safeLink(fs, temporary, path) === 'exists') {
      return 'exists';
    }
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === undefined || !NO_HARD_LINKS.has(errno)) {
      throw error;
    }
    return publishByRename(fs, temporary, path);
  }
  safeUnlink(fs, temporary);
  return 'created';
}

/** @throws OperatorError `output-exists`: the name is none, or is taken and may not be replaced */
function checkName(fs: FileSystem, path: string, mayReplace: (path: string) => boolean): void {
  if (path === '' || path.endsWith('/')) {
    throw new OperatorError('output-exists', `${JSON.stringify(path)} is no name of a file`, { path });
  }
  if (isTaken(fs, path) && !mayReplace(path)) {
    throw outputExists(path);
  }
}

function isTaken(fs: FileSystem, path: string): boolean {
  try {
    return fs.lstat(path) !== undefined;
  } catch (error) {
    throw cannotCreate(path, error);
  }
}

interface Succession extends Required<Pick<AtomicNaming, 'mayReplace'>> {
  readonly temporaryPath: string;
  readonly path: string;
}

/** @throws OperatorError `output-exists`: what has the name may not be replaced */
function takePlace(fs: FileSystem, { temporaryPath, path, mayReplace }: Succession): void {
  if (!mayReplace(path)) {
    throw outputExists(path);
  }
  safeRename(fs, temporaryPath, path);
}

/** A new file, mode 0600, that has its name only once it is complete and on disk. */
export class AtomicFile {
  /** The name that it will have. */
  readonly path: string;
  /** The name that it has while it is written: `.NAME.RANDOM.tmp` in the same directory (see new-file.ts for who writes it). */
  readonly temporaryPath: string;
  readonly #fs: FileSystem;
  readonly #fd: number;
  readonly #mayReplace: (path: string) => boolean;
  #state: 'open' | 'closed' | 'done' = 'open';

  /**
   * Begins it. The name is checked now, before hours of work, and again, by link(2), at the end.
   *
   * @throws OperatorError `output-exists`: the name is taken or no file can be made there
   */
  constructor(fs: FileSystem, path: string, { randomName, mayReplace = () => false }: AtomicNaming) {
    checkName(fs, path, mayReplace);
    const { fd, path: temporaryPath } = createTemporary(fs, path, randomName);
    this.path = path;
    this.temporaryPath = temporaryPath;
    this.#fs = fs;
    this.#fd = fd;
    this.#mayReplace = mayReplace;
  }

  /**
   * Appends.
   *
   * @throws SystemError
   */
  write(bytes: Uint8Array): void {
    this.#attempt("can't write", () => this.#fs.write(this.#fd, bytes));
  }

  /**
   * Makes the file durable and gives it its name; returns when the name is durable too.
   *
   * @throws OperatorError `output-exists`: something has got that name meanwhile: it is not replaced
   */
  publish(): void {
    this.#attempt("can't finish", () => {
      // The data must be durable before the name is, or a crash would leave the name with half of it. Closed before
      // the temporary name goes: NFS would keep an open file under a third name.
      // (atomic-file.test.ts, "is there wholly or not at all if cut off")
      this.#fs.fsync(this.#fd);
      this.#close();
      if (giveName(this.#fs, this.temporaryPath, this.path) === 'exists') {
        const { temporaryPath, path } = this;
        takePlace(this.#fs, { temporaryPath, path, mayReplace: this.#mayReplace });
      }
      this.#state = 'done';
      fsyncDirectory(this.#fs, dirname(this.path));
    });
  }

  /** Removes what was written; does nothing after publish(). Returns false if the temporary file had to be left. */
  discard(): boolean {
    if (this.#state === 'done') {
      return true;
    }
    try {
      this.#close();
      safeUnlink(this.#fs, this.temporaryPath);
      return true;
    } catch {
      // Another error is on its way to the user as a rule; this one must not stand in for it.
      return false;
    }
  }

  #close(): void {
    if (this.#state === 'open') {
      this.#state = 'closed';
      this.#fs.close(this.#fd);
    }
  }

  #attempt(action: string, call: () => void): void {
    try {
      call();
    } catch (error) {
      throw systemError(error, { action, path: this.path });
    }
  }
}
