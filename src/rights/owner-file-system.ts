/** The file system of a process that works with mail_owner's rights in his queue directory. */

import { FileRefusal } from '../fs/file-refusal.ts';
import type { FileStatus, FileSystem, ReadRange } from '../fs/file-system.ts';
import { nodeFileSystem } from '../fs/node-file-system.ts';
import { O_NOATIME, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } from '../fs/open-flags.ts';
import { isSameFile } from '../fs/same-file.ts';
import { errnoOf, unlessRefused } from '../fs/system-error.ts';
import { fromWorkingDirectory } from '../fs/working-directory.ts';
import { isQueueFilePath } from './queue-file-path.ts';
import { RootDoor, type RootReading, readingThrough } from './root-door.ts';

/** What a thread needs to make a file system of its own. Plain data. */
export interface ThreadRights {
  /** Absolute; it is the working directory of the process, too. */
  readonly queueDirectory: string;
  /** Whether the owner gets there by its path; he may not be able to enter a directory on the way. */
  readonly isReachable: boolean;
  /** For each thread a socket to root. Empty: there is nothing to ask of root. */
  readonly doors: readonly number[];
}

/** The file system of a thread; without rights that were given up it is the system's own. */
export function fileSystemOfThread(rights: ThreadRights | undefined, thread?: number): FileSystem {
  if (rights === undefined) {
    return nodeFileSystem;
  }
  const fs = ownFileSystem(rights);
  const door = thread === undefined ? undefined : rights.doors[thread];
  return door === undefined
    ? fs
    : withRootsReading(fs, rights.queueDirectory, readingThrough(new RootDoor(nodeFileSystem, door)));
}

/** Without root's help. */
export function ownFileSystem({
  queueDirectory,
  isReachable,
}: Pick<ThreadRights, 'queueDirectory' | 'isReachable'>): FileSystem {
  return isReachable ? nodeFileSystem : fromWorkingDirectory(nodeFileSystem, queueDirectory);
}

/** Whether the path leads to where this process is. */
export function isWorkingDirectory(fs: Pick<FileSystem, 'lstat'>, directory: string): boolean {
  return unlessRefused(() => isSameFile(fs.lstat(`${directory}/.`), fs.lstat('.'))) ?? false;
}

/** No descriptor of the system is that big. */
const FIRST_HANDLE = 2 ** 30;

/** A file system that has root open queue files that mail_owner may not read (EACCES). */
export function withRootsReading(fs: FileSystem, queueDirectory: string, root: RootReading): FileSystem {
  const opened = new RootsFiles(root);
  return {
    ...fs,
    open: (path, flags, mode) => {
      try {
        return fs.open(path, flags, mode);
      } catch (error) {
        const isMeant = errnoOf(error) === 'EACCES' && isPlainReading(flags) && path.startsWith(`${queueDirectory}/`);
        const relative = isMeant ? path.slice(queueDirectory.length + 1) : '';
        if (!isQueueFilePath(relative)) {
          throw error;
        }
        return opened.open(relative);
      }
    },
    fstat: (fd) => opened.fstat(fd) ?? fs.fstat(fd),
    read: (fd, buffer, range) => opened.read(fd, buffer, range) ?? fs.read(fd, buffer, range),
    close: (fd) => {
      if (!opened.close(fd)) {
        fs.close(fd);
      }
    },
  };
}

/** The files that root has opened, by descriptors that the system has not. Undefined and false: it is none of them. */
class RootsFiles {
  readonly #root: RootReading;
  readonly #handles = new Map<number, number>();

  constructor(root: RootReading) {
    this.#root = root;
  }

  open(relative: string): number {
    const handle = openThrough(this.#root, relative);
    this.#handles.set(FIRST_HANDLE + handle, handle);
    return FIRST_HANDLE + handle;
  }

  fstat(fd: number): FileStatus | undefined {
    const handle = this.#handles.get(fd);
    return handle === undefined ? undefined : this.#root.status(handle);
  }

  read(fd: number, buffer: Uint8Array, range: ReadRange): number | undefined {
    const handle = this.#handles.get(fd);
    if (handle === undefined) {
      return undefined;
    }
    const bytes = this.#root.read(handle, range.position, range.length);
    buffer.set(bytes, range.offset);
    return bytes.length;
  }

  close(fd: number): boolean {
    const handle = this.#handles.get(fd);
    if (handle === undefined) {
      return false;
    }
    this.#handles.delete(fd);
    this.#root.close(handle);
    return true;
  }
}

/** Root says in words why it does not read a file for others. */
function openThrough(root: RootReading, relative: string): number {
  try {
    return root.open(relative);
  } catch (error) {
    throw error instanceof Error && errnoOf(error) === 'EPERM' ? new FileRefusal(error.message) : error;
  }
}

function isPlainReading(flags: number): boolean {
  return (flags & ~(O_NOATIME | O_NOFOLLOW | O_NONBLOCK)) === O_RDONLY;
}
