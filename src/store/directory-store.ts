/**
 * A store in a directory. A draft is a file in the store's own directory, `.postsnap.RANDOM.tmp`; an object gets its name
 * by link(2), which never replaces anything, once its content is durable. Directories have mode 0700 and files 0600: a
 * queue is private mail. `.postsnap.DIGITS.lock` is a directory for a lock; it goes with it.
 *
 * The order in publish() is: content durable; the line's directory durable; name; name durable. With any other, a crash
 * leaves a name without its content, or without a way to it. (store-crash.test.ts, "any call keeps its promises, and the next
 * run does the rest")
 */

import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { OperatorError } from '../errors.ts';
import { giveName } from '../fs/atomic-file.ts';
import { fsyncDirectory } from '../fs/durable.ts';
import type { FileSystem } from '../fs/file-system.ts';
import { lockByDirectory } from '../fs/lock-directory.ts';
import { systemLockEnvironment } from '../fs/lock-environment.ts';
import { createExclusive, createUnique, safeMkdir, safeUnlink } from '../fs/nfs-safe.ts';
import { O_NOFOLLOW, O_RDONLY } from '../fs/open-flags.ts';
import { readFully } from '../fs/read-fully.ts';
import { errnoOf, systemError, unlessErrno } from '../fs/system-error.ts';
import type { Draft, Range, Store, StoredObject } from './store.ts';

const DIRECTORY_MODE = 0o700;
const FILE_MODE = 0o600;
const NANOSECONDS = 1_000_000n;
const DIGITS = 12;

export class DirectoryStore implements Store {
  readonly name: string;
  readonly #fs: FileSystem;
  readonly #randomName: () => string;

  /**
   * @param directory - its path
   * @param randomName - 12 hexadecimal digits, others at each call
   */
  constructor(fs: FileSystem, directory: string, randomName: () => string) {
    this.#fs = fs;
    this.name = directory;
    this.#randomName = randomName;
  }

  async prepare(): Promise<'created' | 'exists'> {
    const status = attempt("can't look at the store", this.name, () => this.#fs.lstat(this.name));
    if (status !== undefined) {
      this.#names();
    } else if (this.#fs.lstat(dirname(this.name)) === undefined) {
      throw this.#notThere();
    }
    attempt("can't make the store", this.name, () => this.#makeDirectory(this.name));
    return status === undefined ? 'created' : 'exists';
  }

  async occupy(name: string): Promise<() => void> {
    const path = join(this.name, `.postsnap.${createHash('sha256').update(name).digest('hex').slice(0, DIGITS)}.lock`);
    return attempt("can't make", path, () => lockByDirectory(this.#fs, path, systemLockEnvironment()));
  }

  async list(): Promise<readonly StoredObject[]> {
    return this.#names().flatMap((name) => {
      const found = this.#objectAt(name);
      return found === 'directory' ? this.#listLine(name) : [found].filter((object) => object !== undefined);
    });
  }

  async draft(): Promise<Draft> {
    const nextPath = () => join(this.name, `.postsnap.${this.#randomName()}.tmp`);
    const { fd, path } = attempt("can't create a file in the store", this.name, () =>
      createUnique(this.#fs, nextPath, FILE_MODE),
    );
    return new DirectoryDraft({
      fs: this.#fs,
      fd,
      path,
      directory: this.name,
      pathOf: (key) => this.#path(key),
      makeLine: (key) => this.#makeLine(key),
    });
  }

  async mark(key: string): Promise<'created' | 'exists'> {
    const path = this.#path(key);
    return attempt("can't create", path, () => {
      this.#makeLine(key);
      const fd = createExclusive(this.#fs, path, FILE_MODE);
      if (fd !== 'exists') {
        syncAndClose(this.#fs, fd);
      }
      fsyncDirectory(this.#fs, dirname(path));
      return fd === 'exists' ? 'exists' : 'created';
    });
  }

  async read(key: string, { offset, length }: Range): Promise<Uint8Array> {
    const path = this.#path(key);
    return attempt("can't read", path, () => {
      const fd = this.#fs.open(path, O_RDONLY | O_NOFOLLOW);
      try {
        return readRange(this.#fs, fd, { offset, length });
      } finally {
        this.#fs.close(fd);
      }
    });
  }

  async fileOf(key: string): Promise<string> {
    return this.#path(key);
  }

  async remove(key: string): Promise<void> {
    const path = this.#path(key);
    attempt("can't remove", path, () => {
      safeUnlink(this.#fs, path);
      fsyncDirectory(this.#fs, dirname(path));
    });
  }

  #path(key: string): string {
    return join(this.name, key);
  }

  #names(): string[] {
    try {
      return this.#fs.readdir(this.name);
    } catch (error) {
      const errno = errnoOf(error);
      throw errno === 'ENOENT' || errno === 'ENOTDIR' ? this.#notThere() : this.#unlistable(error, errno);
    }
  }

  #unlistable(error: unknown, errno: string | undefined): unknown {
    return errno === 'EACCES' || errno === 'EPERM'
      ? new OperatorError('not-permitted', `this user may not list the store ${this.name}`, {
          path: this.name,
          nextStep: 'Run this as root, or as the user whose store it is.',
        })
      : systemError(error, { action: "can't list the store", path: this.name });
  }

  #notThere(): OperatorError {
    return new OperatorError('not-found', `there is no store ${this.name}: it is no directory`, {
      path: this.name,
      nextStep: 'Is its disk mounted? Else make the directory, for root alone.',
    });
  }

  /** A line's directory that is gone meanwhile holds nothing. */
  #listLine(line: string): StoredObject[] {
    const path = join(this.name, line);
    const names = attempt("can't list", path, () => unlessErrno(['ENOENT', 'ENOTDIR'], () => this.#fs.readdir(path)));
    return (names ?? []).flatMap((name) => {
      const object = this.#objectAt(`${line}/${name}`);
      return object === undefined || object === 'directory' ? [] : [object];
    });
  }

  #objectAt(key: string): StoredObject | 'directory' | undefined {
    const path = this.#path(key);
    const status = attempt("can't look at", path, () => this.#fs.lstat(path));
    if (status?.type === 'directory') {
      return 'directory';
    }
    return status?.type === 'file'
      ? { key, size: status.size, modified: Number(status.mtimeNs / NANOSECONDS) }
      : undefined;
  }

  #makeLine(key: string): void {
    this.#makeDirectory(dirname(this.#path(key)));
  }

  /**
   * Another may have made the directory and been cut off before its name was durable: so it is synced in any case.
   * (store-crash.test.ts, "is durable where another made the directory, and was cut off before its name was")
   */
  #makeDirectory(path: string): void {
    const status = this.#fs.lstat(path);
    if (status === undefined) {
      safeMkdir(this.#fs, path, DIRECTORY_MODE);
    }
    // The directory above may be one that only root may read: then it is root that made the name.
    unlessErrno(['EACCES'], () => fsyncDirectory(this.#fs, dirname(path)));
  }
}

interface DraftParts {
  readonly fs: FileSystem;
  readonly fd: number;
  readonly path: string;
  readonly directory: string;
  readonly pathOf: (key: string) => string;
  readonly makeLine: (key: string) => void;
}

class DirectoryDraft implements Draft {
  readonly fd: number;
  readonly path: string;
  readonly directory: string;
  readonly #parts: DraftParts;
  #state: 'open' | 'closed' | 'published' = 'open';

  constructor(parts: DraftParts) {
    this.#parts = parts;
    this.fd = parts.fd;
    this.path = parts.path;
    this.directory = parts.directory;
  }

  async publish(key: string): Promise<'created' | 'exists'> {
    const { fs, path, pathOf, makeLine } = this.#parts;
    const name = pathOf(key);
    return attempt("can't finish", name, () => {
      if (this.#state === 'open') {
        fs.fsync(this.fd);
        this.#close();
      }
      makeLine(key);
      if (giveName(fs, path, name) === 'exists') {
        return 'exists';
      }
      this.#state = 'published';
      fsyncDirectory(fs, dirname(name));
      return 'created';
    });
  }

  async discard(): Promise<void> {
    if (this.#state === 'published') {
      return;
    }
    try {
      this.#close();
      safeUnlink(this.#parts.fs, this.path);
    } catch (error) {
      // Another error is on its way to the user as a rule. What is left here is swept when it is a day old.
      if (errnoOf(error) === undefined) {
        throw error;
      }
    }
  }

  /** Before the temporary name goes: NFS would keep an open file under a third name. */
  #close(): void {
    if (this.#state === 'open') {
      this.#state = 'closed';
      this.#parts.fs.close(this.fd);
    }
  }
}

function attempt<Result>(action: string, path: string, call: () => Result): Result {
  try {
    return call();
  } catch (error) {
    throw systemError(error, { action, path });
  }
}

function syncAndClose(fs: FileSystem, fd: number): void {
  try {
    fs.fsync(fd);
  } finally {
    fs.close(fd);
  }
}

function readRange(fs: FileSystem, fd: number, { offset, length }: Range): Uint8Array {
  const into = new Uint8Array(Math.max(0, Math.min(length, fs.fstat(fd).size - offset)));
  return readFully(fs, fd, { into, position: offset });
}
