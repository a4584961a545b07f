/**
 * Reading as root what mail_owner can't read in his own queue: files of root's that a copy left there. The names below the
 * queue directory are mail_owner's to change at any moment. So no link is followed anywhere (open-below.ts), and nothing is
 * read but a regular file that has one name only: a hard link to /etc/shadow has two.
 */

import type { FileStatus, FileSystem } from '../fs/file-system.ts';
import { openBelow } from './open-below.ts';

/** A message and its logs, and as many namesakes. */
const OPEN_MAXIMUM = 64;

type Access = Pick<FileSystem, 'open' | 'close' | 'read' | 'fstat'>;

/** A file that root does not read for others. */
export class NotForOthers extends Error {
  override readonly name = 'NotForOthers';
  readonly code = 'EPERM';
  readonly errno = -1;
}

/** What an administrator can do about it is said: a restore by hard links leaves second names on every file. */
function refusalOf({ type, links }: FileStatus, path: string): string | undefined {
  if (type !== 'file') {
    return 'it is no regular file';
  }
  return links === 1
    ? undefined
    : `mail_owner can't read it, and it has ${links} names (hard links), so root does not read it for him: ` +
        `look for the others (find / -xdev -samefile ${path}), and remove those that should not be`;
}

/** For one asker. Places are checked by the decoder of the requests. */
export class QueueReading {
  readonly #fs: Access;
  readonly #queueDirectory: string;
  readonly #open = new Map<number, number>();
  /** Told of each file that is opened. */
  readonly #onOpen: (path: string) => void;
  #handles = 0;

  constructor(fs: Access, queueDirectory: string, onOpen: (path: string) => void) {
    this.#fs = fs;
    this.#queueDirectory = queueDirectory;
    this.#onOpen = onOpen;
  }

  /** @returns a handle for the other calls */
  open(path: string): number {
    if (this.#open.size >= OPEN_MAXIMUM) {
      throw new NotForOthers(`${OPEN_MAXIMUM} files are open`);
    }
    const fd = openBelow(this.#fs, this.#queueDirectory, { path, isDirectory: false });
    const refusal = refusalOf(this.#fs.fstat(fd), `${this.#queueDirectory}/${path}`);
    if (refusal !== undefined) {
      this.#fs.close(fd);
      throw new NotForOthers(refusal);
    }
    this.#handles += 1;
    this.#open.set(this.#handles, fd);
    this.#onOpen(path);
    return this.#handles;
  }

  read(handle: number, position: number, length: number): Uint8Array {
    const bytes = Buffer.allocUnsafe(length);
    const count = this.#fs.read(this.#descriptor(handle), bytes, { offset: 0, length, position });
    return bytes.subarray(0, count);
  }

  status(handle: number): FileStatus {
    return this.#fs.fstat(this.#descriptor(handle));
  }

  close(handle: number): void {
    this.#fs.close(this.#descriptor(handle));
    this.#open.delete(handle);
  }

  closeAll(): void {
    for (const fd of this.#open.values()) {
      this.#fs.close(fd);
    }
    this.#open.clear();
  }

  #descriptor(handle: number): number {
    const fd = this.#open.get(handle);
    if (fd === undefined) {
      throw new NotForOthers(`there is no open file ${handle}`);
    }
    return fd;
  }
}
