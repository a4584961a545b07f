/** A queue directory in memory, read through the interface of a file system, while somebody else moves files in it. */

import type { FileStatus, FileSystem } from '../../src/fs/file-system.ts';
import { O_NOATIME } from '../../src/fs/open-flags.ts';
import { QUEUES } from '../../src/queue/queue-name.ts';

export const QUEUE_DIRECTORY = '/q';

export interface SimulatedFile {
  readonly inode: bigint;
  readonly birth: bigint;
  mode: number;
  bytes: Buffer;
}

export interface Surroundings {
  readonly birthTimes: boolean;
  /** Decides what may be one way or the other. */
  readonly choose: () => boolean;
  /** Before each call: others move. */
  readonly step: () => void;
  /** While content is read: time goes by. */
  readonly pause: () => void;
  readonly now: () => number;
}

export type ReadingCalls = Pick<FileSystem, 'open' | 'close' | 'read' | 'fstat' | 'lstat' | 'readdir'>;

export class SimulatedQueueDirectory {
  readonly #directories = new Map<string, Map<string, SimulatedFile>>();
  readonly #surroundings: Surroundings;
  /** Paths that were touched during the readdir that is going on. */
  #touched: Set<string> | undefined;
  readonly #open = new Map<number, SimulatedFile>();
  #nextDescriptor = 10;

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
    for (const { name } of QUEUES) {
      this.#directories.set(name, new Map());
    }
  }

  get openDescriptors(): number {
    return this.#open.size;
  }

  isOpen(file: SimulatedFile): boolean {
    return [...this.#open.values()].includes(file);
  }

  find(path: string): SimulatedFile | undefined {
    const [directory, name] = splitPath(path);
    return this.#directories.get(directory)?.get(name);
  }

  link(path: string, file: SimulatedFile): void {
    const [directory, name] = splitPath(path);
    const entries = this.#directories.get(directory) ?? new Map<string, SimulatedFile>();
    if (entries.has(name)) {
      throw new Error(`the model overwrites ${path}`);
    }
    entries.set(name, file);
    this.#directories.set(directory, entries);
    this.#touched?.add(path);
  }

  unlink(path: string): void {
    const [directory, name] = splitPath(path);
    this.#directories.get(directory)?.delete(name);
    this.#touched?.add(path);
  }

  readonly fs: ReadingCalls = {
    open: (path, flags) => {
      this.#surroundings.step();
      const file = this.find(relativePath(path));
      if (file === undefined) {
        throw systemError('ENOENT');
      }
      if ((flags & O_NOATIME) !== 0 && path.includes('/maildrop/')) {
        throw systemError('EPERM');
      }
      this.#nextDescriptor += 1;
      this.#open.set(this.#nextDescriptor, file);
      return this.#nextDescriptor;
    },
    close: (fd) => {
      this.#surroundings.step();
      this.#opened(fd);
      this.#open.delete(fd);
    },
    read: (fd, buffer, range) => {
      this.#surroundings.step();
      this.#surroundings.pause();
      const bytes = this.#opened(fd).bytes.subarray(range.position, range.position + range.length);
      buffer.set(bytes, range.offset);
      return bytes.length;
    },
    fstat: (fd) => {
      this.#surroundings.step();
      return this.#status(this.#opened(fd));
    },
    lstat: (path) => {
      this.#surroundings.step();
      const relative = relativePath(path);
      if (this.#directories.has(relative)) {
        const directory = { inode: 1n, birth: 0n, mode: 0o700, bytes: Buffer.alloc(0) };
        return { ...this.#status(directory), type: 'directory' };
      }
      const file = this.find(relative);
      return file === undefined ? undefined : this.#status(file);
    },
    readdir: (path) => this.#readdir(relativePath(path)),
  };

  /** What the directory held throughout is told; what came, went or was away for a moment may be told or not. */
  #readdir(path: string): string[] {
    const before = [...(this.#directories.get(path)?.keys() ?? [])];
    this.#touched = new Set();
    this.#surroundings.step();
    const touched = this.#touched;
    this.#touched = undefined;
    const after = this.#directories.get(path);
    if (after === undefined) {
      throw systemError('ENOENT');
    }
    const names = [...new Set([...before, ...after.keys()])].filter(
      (name) => !touched.has(`${path}/${name}`) || this.#surroundings.choose(),
    );
    const inner = [...this.#directories.keys()].filter((other) => other.startsWith(`${path}/`));
    return [...names, ...inner.map((other) => other.slice(path.length + 1))];
  }

  #opened(fd: number): SimulatedFile {
    const file = this.#open.get(fd);
    if (file === undefined) {
      throw new Error(`${fd} is not open`);
    }
    return file;
  }

  #status(file: SimulatedFile): FileStatus {
    return {
      type: 'file',
      device: 1n,
      inode: file.inode,
      mode: file.mode,
      links: 1,
      uid: 100,
      gid: 100,
      size: file.bytes.length,
      mtimeNs: 0n,
      atimeNs: 0n,
      ctimeNs: BigInt(this.#surroundings.now()),
      birthtimeNs: this.#surroundings.birthTimes ? file.birth : 0n,
    };
  }
}

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code, errno: -1 });
}

function relativePath(path: string): string {
  return path.slice(QUEUE_DIRECTORY.length + 1);
}

function splitPath(path: string): [string, string] {
  const slash = path.lastIndexOf('/');
  return [path.slice(0, slash), path.slice(slash + 1)];
}
