import { createHash } from 'node:crypto';
import { type BigIntStats, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename, join, relative } from 'node:path';

const MESSAGE_QUEUES = ['maildrop', 'incoming', 'active', 'deferred', 'hold', 'corrupt', 'saved'];
const LOG_QUEUES = ['defer', 'bounce', 'trace'];

/** A file below a queue directory. */
export interface CountedFile {
  /** Relative to the queue directory. */
  readonly path: string;
  readonly queue: string;
  readonly name: string;
  readonly mode: number;
  readonly uid: number;
  readonly links: number;
  readonly inode: bigint;
  readonly sha256: string;
}

/** All files in the queues of a directory, whatever their state. */
export function census(queueDirectory: string): CountedFile[] {
  return [...MESSAGE_QUEUES, ...LOG_QUEUES].flatMap((queue) =>
    filesBelow(join(queueDirectory, queue)).map((path): CountedFile => {
      const { mode, uid, nlink, ino } = lstatSync(path, { bigint: true });
      return {
        path: relative(queueDirectory, path),
        queue,
        name: basename(path),
        mode: Number(mode & 0o7777n),
        uid: Number(uid),
        links: Number(nlink),
        inode: ino,
        sha256: createHash('sha256').update(readFileSync(path)).digest('hex'),
      };
    }),
  );
}

export function messagesOf(files: readonly CountedFile[]): CountedFile[] {
  return files.filter(({ queue }) => MESSAGE_QUEUES.includes(queue));
}

export function logsOf(files: readonly CountedFile[]): CountedFile[] {
  return files.filter(({ queue }) => LOG_QUEUES.includes(queue));
}

/** How often each content occurs. */
export function contents(files: readonly CountedFile[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { sha256 } of files) {
    counts.set(sha256, (counts.get(sha256) ?? 0) + 1);
  }
  return counts;
}

/** What is below a directory, one line for each name: type, owner, mode, links, inode, times, content. */
export function portrait(directory: string): string[] {
  return walk(directory)
    .map((path) => {
      const status = lstatSync(path, { bigint: true });
      const { mode, uid, gid, nlink, ino, mtimeNs } = status;
      const links = status.isFile() ? nlink : '';
      // A directory's own time changes when something is made and removed again in it, which is no change to it.
      const time = status.isFile() ? mtimeNs : '';
      return [relative(directory, path), mode.toString(8), uid, gid, links, ino, time, contentOf(path, status)].join(
        ' ',
      );
    })
    .sort();
}

function contentOf(path: string, status: BigIntStats): string {
  if (status.isSymbolicLink()) {
    return readlinkSync(path);
  }
  return status.isFile() ? createHash('sha256').update(readFileSync(path)).digest('hex') : '';
}

function filesBelow(directory: string): string[] {
  return walk(directory).filter((path) => lstatSync(path).isFile());
}

function walk(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    return entry.isDirectory() ? [path, ...walk(path)] : [path];
  });
}
