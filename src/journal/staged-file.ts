/**
 * A file that is written where Postfix does not look, before anything in a queue is touched. It is made with O_EXCL, mode
 * 0600, under a name that can be no queue ID, and proven against its digest before it is closed.
 */

import { join } from 'node:path';
import { digestOfDescriptor } from '../fs/descriptor-digest.ts';
import type { FileSystem } from '../fs/file-system.ts';
import { createUnique, safeMkdir } from '../fs/nfs-safe.ts';
import { O_NOFOLLOW, O_NONBLOCK, O_RDWR } from '../fs/open-flags.ts';
import { errnoOf } from '../fs/system-error.ts';
import type { LogQueueName } from '../queue/queue-name.ts';

/** So that no staging directory gets huge. */
const FILES_PER_DIRECTORY = 1000;

/**
 * `postsuper -p`, at every start and reload, deletes unready files once they are 7 days old, before Postfix 3.5 one day
 * (postsuper.c, MAX_TEMP_AGE). A restore that waits half a day for its second run is still safe.
 */
export const OLDEST_STAGED_NS: bigint = 12n * 3600n * 1_000_000_000n;

export interface StagedFileOptions {
  readonly stagingDirectory: string;
  /** The message's number in this restore. */
  readonly index: number;
  readonly kind: 'message' | LogQueueName;
  /** The time of last modification that the file is to have in the end, and the time now: nanoseconds. */
  readonly mtimeNs: bigint;
  readonly nowNs: bigint;
}

export interface StagedFile {
  /** Relative to the staging directory. */
  readonly staged: string;
  readonly inode: bigint;
  readonly size: number;
  /** Where it differs from the archived one: recipients were marked done. */
  readonly sha256?: string;
}

/** The sub-directory of the staging directory that a message's files are in. */
function stagingBucket(index: number): string {
  return String(Math.floor(index / FILES_PER_DIRECTORY));
}

/** The time that a staged file gets: its own, unless that is so old that Postfix might delete the unready file. */
export function stagedTime(mtimeNs: bigint, nowNs: bigint): bigint {
  const oldest = nowNs - OLDEST_STAGED_NS;
  return mtimeNs < oldest ? oldest : mtimeNs;
}

/** Writes a staged file, piece by piece, and sets its time. Nothing is durable yet: one sync serves all of them. */
export function writeStagedFile(fs: FileSystem, options: StagedFileOptions, pieces: Iterable<Uint8Array>): StagedFile {
  const { fd, staged } = createStaged(fs, options);
  try {
    let size = 0;
    for (const piece of pieces) {
      fs.write(fd, piece, size);
      size += piece.length;
    }
    const time = stagedTime(options.mtimeNs, options.nowNs);
    fs.futimes(fd, time, time);
    return { staged, inode: fs.fstat(fd).inode, size };
  } finally {
    fs.close(fd);
  }
}

export interface MarkOptions extends Pick<StagedFileOptions, 'stagingDirectory' | 'mtimeNs' | 'nowNs'> {
  readonly staged: StagedFile;
  /** Where the marks are. */
  readonly offsets: Iterable<number>;
  readonly mark: Uint8Array;
}

/** Writes marks into a staged file, which is proven: its recipients are done. Nothing is durable yet, either. */
export function markStagedFile(fs: FileSystem, options: MarkOptions): StagedFile {
  const { stagingDirectory, staged, offsets, mark } = options;
  const fd = fs.open(join(stagingDirectory, staged.staged), O_RDWR | O_NOFOLLOW | O_NONBLOCK);
  try {
    let count = 0;
    for (const offset of offsets) {
      fs.write(fd, mark, offset);
      count += 1;
    }
    if (count === 0) {
      return staged;
    }
    const time = stagedTime(options.mtimeNs, options.nowNs);
    fs.futimes(fd, time, time);
    return { ...staged, sha256: digestOfDescriptor(fs, fd) };
  } finally {
    fs.close(fd);
  }
}

interface CreatedFile {
  readonly fd: number;
  readonly staged: string;
}

function createStaged(fs: FileSystem, options: StagedFileOptions): CreatedFile {
  const bucket = stagingBucket(options.index);
  try {
    return createNumbered(fs, options, bucket);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') {
      throw error;
    }
    safeMkdir(fs, join(options.stagingDirectory, bucket), 0o700);
    return createNumbered(fs, options, bucket);
  }
}

function createNumbered(
  fs: FileSystem,
  { stagingDirectory, index, kind }: StagedFileOptions,
  bucket: string,
): CreatedFile {
  let attempt = 0;
  let staged = '';
  const nextPath = (): string => {
    attempt += 1;
    staged = `${bucket}/${index}${attempt === 1 ? '' : `-${attempt}`}.${kind}`;
    return `${stagingDirectory}/${staged}`;
  };
  const { fd } = createUnique(fs, nextPath, 0o600);
  return { fd, staged };
}
