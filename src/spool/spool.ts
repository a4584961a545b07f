/**
 * A queue directory that is read: where it is, how it is laid out, and every place where a file of a given ID may stand.
 */

import { join } from 'node:path';
import type { Arena } from '../fs/arena.ts';
import type { FileSystem } from '../fs/file-system.ts';
import { unlessErrno } from '../fs/system-error.ts';
import { MAXIMUM_HASH_DEPTH } from '../queue/hash-directory.ts';
import { hashDepth, pathAtDepth, type QueueLayout } from '../queue/layout.ts';
import type { QueueId } from '../queue/queue-id.ts';
import { QUEUES, type QueueName } from '../queue/queue-name.ts';

/** For each queue the depths of hash directories at which its files stand, the layout's own first. */
export type QueueDepths = ReadonlyMap<QueueName, readonly number[]>;

export interface Spool {
  readonly fs: FileSystem;
  /** Absolute. */
  readonly queueDirectory: string;
  readonly depths: QueueDepths;
  /** The memory of what is read; each read has its own without one. */
  readonly arena?: Arena | undefined;
}

/** The path of a place in the queue directory. */
export function absolutePath({ queueDirectory }: Pick<Spool, 'queueDirectory'>, path: string): string {
  return `${queueDirectory}/${path}`;
}

/** The paths, relative to the queue directory, where a queue file may stand, its own place first. */
export function pathsOf({ depths }: Spool, queueName: QueueName, id: QueueId): string[] {
  return (depths.get(queueName) ?? [0]).map((depth) => pathAtDepth(queueName, id, depth));
}

/**
 * Looks which depths of hash directories are in use: a changed hash_queue_names or hash_queue_depth leaves files behind
 * at their old places. To know them spares a look at each thinkable place of each file that is not there.
 */
export function discoverDepths(fs: FileSystem, queueDirectory: string, layout: QueueLayout): QueueDepths {
  const depths = new Map<QueueName, readonly number[]>();
  for (const { name } of QUEUES) {
    const own = hashDepth(layout, name);
    const used = new Set([own]);
    for (const directory of walkDirectories(fs, queueDirectory, name)) {
      if (directory.files.length > 0) {
        used.add(directory.depth);
      }
    }
    depths.set(name, [...used]);
  }
  return depths;
}

export interface ListedDirectory {
  /** Relative to the queue directory: `deferred/A`. */
  readonly path: string;
  /** 0 is the queue's own directory. */
  readonly depth: number;
  /** The names in it that are no hash directories, in the file system's order. */
  readonly files: readonly string[];
  /** Why it can't be listed: an errno name's error. What is not there is empty. */
  readonly error?: unknown;
}

/**
 * Lists a queue's directory and its hash directories, whatever hash_queue_depth says: directories with a name of one
 * character, which no queue ID can be. maildrop has none, and what others made in there is not entered: "we might end
 * up in the wrong place" (postsuper.c). Links to directories are not followed, but for the queue's own, as Postfix does:
 * only root can make that one.
 */
export function* walkDirectories(
  fs: FileSystem,
  queueDirectory: string,
  queueName: QueueName,
): Generator<ListedDirectory> {
  const toList = [{ path: queueName as string, depth: 0 }];
  for (let next = toList.pop(); next !== undefined; next = toList.pop()) {
    const { path, depth } = next;
    let names: readonly string[];
    try {
      names = unlessErrno(['ENOENT', 'ENOTDIR'], () => fs.readdir(join(queueDirectory, path))) ?? [];
    } catch (error) {
      yield { path, depth, files: [], error };
      continue;
    }
    const mayBeHashed = queueName !== 'maildrop' && depth < MAXIMUM_HASH_DEPTH;
    const candidates = mayBeHashed ? names.filter((name) => name.length === 1) : [];
    const inner: string[] = [];
    for (const name of candidates) {
      const below = { path: `${path}/${name}`, depth: depth + 1 };
      try {
        if (fs.lstat(join(queueDirectory, below.path))?.type === 'directory') {
          toList.push(below);
          inner.push(name);
        }
      } catch (error) {
        inner.push(name);
        yield { ...below, files: [], error };
      }
    }
    yield { path, depth, files: inner.length === 0 ? names : names.filter((name) => !inner.includes(name)) };
  }
}
