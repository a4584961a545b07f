import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Directories that hold messages, and directories that hold their logs. */
const MESSAGE_QUEUES = ['maildrop', 'incoming', 'active', 'deferred', 'hold', 'corrupt', 'saved'] as const;
export const LOG_QUEUES = ['defer', 'bounce', 'trace'] as const;

/** All that a restore must keep, or must not touch, of one file. */
export interface QueueFile {
  /** Relative to the queue directory. */
  readonly path: string;
  readonly queueName: string;
  /** The file's name, which for a healthy queue is the queue ID. */
  readonly name: string;
  readonly inode: bigint;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly links: number;
  readonly size: number;
  readonly mtimeNs: bigint;
  readonly sha256: string;
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

/** On a running queue files move while they are read. */
function orGone<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    if (isGone(error)) {
      return undefined;
    }
    throw error;
  }
}

function readQueueFile(queueDirectory: string, path: string): QueueFile | undefined {
  return orGone(() => {
    const absolute = join(queueDirectory, path);
    const stat = lstatSync(absolute, { bigint: true });
    const parts = path.split('/');
    return {
      path,
      queueName: parts.at(0) ?? '',
      name: parts.at(-1) ?? '',
      inode: stat.ino,
      mode: Number(stat.mode & 0o7777n),
      uid: Number(stat.uid),
      gid: Number(stat.gid),
      links: Number(stat.nlink),
      size: Number(stat.size),
      mtimeNs: stat.mtimeNs,
      sha256: createHash('sha256').update(readFileSync(absolute)).digest('hex'),
    };
  });
}

function walk(queueDirectory: string, directory: string): string[] {
  const entries = orGone(() => readdirSync(join(queueDirectory, directory), { withFileTypes: true }));
  return (entries ?? []).flatMap((entry) => {
    const path = join(directory, entry.name);
    return entry.isDirectory() ? walk(queueDirectory, path) : [path];
  });
}

/** Every message and log file of a queue directory, sorted by path. */
export function listQueueFiles(queueDirectory: string): QueueFile[] {
  return [...MESSAGE_QUEUES, ...LOG_QUEUES]
    .flatMap((queue) => walk(queueDirectory, queue))
    .sort()
    .map((path) => readQueueFile(queueDirectory, path))
    .filter((file) => file !== undefined);
}
