import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { PostfixInstance } from './instance.ts';
import { listQueueFiles, type QueueFile } from './queue-files.ts';

/**
 * Everything in a queue directory but sockets and FIFOs, down to inodes and times: path → what is there.
 * The times of directories are left out: a dry run makes a link in them and takes it away.
 */
export function treeOf(postfix: PostfixInstance): Map<string, string> {
  const tree = new Map<string, string>();
  const walk = (directory: string): void => {
    for (const name of readdirSync(join(postfix.queueDirectory, directory)).sort()) {
      const path = join(directory, name);
      const status = lstatSync(join(postfix.queueDirectory, path), { bigint: true });
      if (status.isDirectory()) {
        tree.set(path, `directory ${status.ino} ${status.mode.toString(8)} ${status.uid}:${status.gid}`);
        walk(path);
      } else if (status.isFile()) {
        tree.set(path, [status.ino, status.mode, status.uid, status.gid, status.size, status.mtimeNs].join(' '));
      }
    }
  };
  walk('.');
  return tree;
}

/** As {@link treeOf}, without postsnap's own directory: its lock and its journals. */
export function queueTreeOf(postfix: PostfixInstance): Map<string, string> {
  return new Map([...treeOf(postfix)].filter(([path]) => path.split('/')[0] !== 'postsnap'));
}

/** The files that an earlier listing does not have. */
export function newFiles(postfix: PostfixInstance, before: readonly QueueFile[]): QueueFile[] {
  const known = new Set(before.map(({ path }) => path));
  return listQueueFiles(postfix.queueDirectory).filter(({ path }) => !known.has(path));
}
