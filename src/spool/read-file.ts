/** A queue file that is open for reading. Its name may change meanwhile, or go: the descriptor stays with the file. */

import type { FileStatus, FileSystem } from '../fs/file-system.ts';
import { openForReading } from '../fs/open-for-reading.ts';
import { readFully } from '../fs/read-fully.ts';
import { unlessErrno } from '../fs/system-error.ts';
import { isQueueName, type QueueName } from '../queue/queue-name.ts';
import type { Spool } from './spool.ts';

export interface OpenQueueFile {
  readonly queueName: QueueName;
  /** Relative to the queue directory, as it was opened. */
  readonly path: string;
  readonly status: FileStatus;
  /**
   * Up to `length` bytes at `offset`, in the spool's arena where it has one; fewer at the end. Nothing beyond
   * `status.size` is read.
   */
  read(offset: number, length: number): Uint8Array;
  /** All of it, from the start, in pieces of up to 1 MiB, each good until the next. */
  pieces(): Generator<Uint8Array, void, undefined>;
}

type Readable = Pick<Spool, 'fs' | 'arena'>;

interface Range {
  readonly offset: number;
  readonly length: number;
}

/** Reads a range into the spool's arena, or into memory of its own where there is none. */
function readRange({ fs, arena }: Readable, fd: number, { offset, length }: Range): Uint8Array {
  const into = arena === undefined ? Buffer.allocUnsafeSlow(length) : arena.take(length);
  return readFully(fs, fd, { into, position: offset });
}

const PIECE_SIZE = 1_048_576;

function* pieces(fs: FileSystem, fd: number, size: number): Generator<Uint8Array, void, undefined> {
  const memory = Buffer.allocUnsafeSlow(Math.min(size, PIECE_SIZE));
  for (let position = 0; position < size; ) {
    const into = memory.subarray(0, Math.min(memory.length, size - position));
    const piece = readFully(fs, fd, { into, position });
    if (piece.length === 0) {
      return;
    }
    yield piece;
    position += piece.length;
  }
}

/** An open file with its descriptor, which its opener must close. */
export interface Descriptor {
  readonly fd: number;
  readonly path: string;
}

/** Opens a file that may be gone: undefined then. */
export function openIfThere(fs: FileSystem, path: string): number | undefined {
  return unlessErrno(['ENOENT', 'ENOTDIR'], () => openForReading(fs, path));
}

/** Looks at an open file, as it is now. */
export function describe(spool: Readable, { fd, path }: Descriptor): OpenQueueFile {
  const { fs } = spool;
  const status = fs.fstat(fd);
  return {
    queueName: queueNameOf(path),
    path,
    status,
    read: (offset, length) =>
      readRange(spool, fd, { offset, length: Math.max(0, Math.min(length, status.size - offset)) }),
    pieces: () => pieces(fs, fd, status.size),
  };
}

/** The queue of a path relative to the queue directory, which begins with its name. */
export function queueNameOf(path: string): QueueName {
  const name = path.slice(0, path.indexOf('/'));
  if (!isQueueName(name)) {
    throw new TypeError(`${path} is in none of Postfix's queues`);
  }
  return name;
}
