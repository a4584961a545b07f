/**
 * Where an entry of a tar stands in a queue directory, from its name alone. The tar may hold a whole queue directory or
 * a part of it, under any directory, with absolute names or not: `var/spool/postfix/deferred/A/A1B2C3D4E5`,
 * `./maildrop/A1B2C3D4E5`, `/postfix/defer/A/A1B2C3D4E5`.
 */

import { MAXIMUM_HASH_DEPTH } from '../queue/hash-directory.ts';
import { parseQueueId, type QueueId, UNFINISHED_RENAME_SUFFIX } from '../queue/queue-id.ts';
import { isQueueName, type QueueName } from '../queue/queue-name.ts';

/** What the name of a file says of it. */
export type NamedFile =
  | { readonly kind: 'queue-file'; readonly read: ReadName }
  /** In a queue, but no queue file: nobody can say what it is. */
  | { readonly kind: 'odd'; readonly reason: string }
  /** Nothing of a queue that holds mail: a socket, a lock, Postfix's own libraries in a chroot … */
  | { readonly kind: 'other' };

export interface ReadName {
  /** The queue directory in the tar, without leading `/` and `./`; `''` where the tar begins below it. */
  readonly root: string;
  readonly queueName: QueueName;
  readonly id: QueueId;
  /** How many hash directories are above the file. */
  readonly depth: number;
  /** An interrupted `postsuper -s` left it: the name ends in `#FIX`. */
  readonly isUnfinishedRename: boolean;
}

/** postsnap's own directory in a queue: what a restore that was cut off has staged there is mail. */
const STAGED = /(?:^|\/)postsnap\/[^/]+\.staged\//;
/** mail_queue_enter() creates `microseconds.pid`, and renames it to a queue ID right away. */
const NAMELESS_YET = /^\d+\.\d+$/;
const NFS_REMOVED = /^\.nfs[0-9a-f]+$/i;

/** The parts of a name that lead from one directory to another: two spellings of one name have the same. */
export function normalName(name: string): string {
  return name
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');
}

/** @param name as {@link normalName} makes it */
export function namedFile(name: string): NamedFile {
  const parts = name.split('/');
  if (parts.includes('..')) {
    return { kind: 'odd', reason: 'its name leads out of the tar' };
  }
  if (STAGED.test(name)) {
    return { kind: 'odd', reason: 'a restore that was cut off has staged it: what it is can only be told there' };
  }
  const file = parts.at(-1) ?? '';
  const queueAt = queueIndex(parts);
  const queueName = parts[queueAt];
  const { text, isUnfinishedRename } = withoutSuffix(file);
  const id = parseQueueId(text);
  if (queueName === undefined || !isQueueName(queueName)) {
    return id === undefined || !isBare(parts) ? { kind: 'other' } : { kind: 'odd', reason: BARE };
  }
  const depth = parts.length - queueAt - 2;
  if (id !== undefined && depth <= MAXIMUM_HASH_DEPTH) {
    return {
      kind: 'queue-file',
      read: { root: parts.slice(0, queueAt).join('/'), queueName, id, depth, isUnfinishedRename },
    };
  }
  const isPassing = NAMELESS_YET.test(file) || NFS_REMOVED.test(file);
  return isPassing
    ? { kind: 'other' }
    : { kind: 'odd', reason: 'its name is no queue ID, or not in a place that Postfix reads' };
}

const BARE = 'it may be a queue file, but no directory of the tar says in which queue it was';

/** A queue ID, and nothing but hash directories above it. */
function isBare(parts: readonly string[]): boolean {
  return parts.slice(0, -1).every((part) => part.length === 1);
}

/** Where the name of the queue is: above the file, and above the hash directories, whose names have one character. */
function queueIndex(parts: readonly string[]): number {
  let at = parts.length - 2;
  while (at > 0 && parts[at]?.length === 1) {
    at -= 1;
  }
  return at;
}

function withoutSuffix(file: string): { readonly text: string; readonly isUnfinishedRename: boolean } {
  const isUnfinishedRename = file.endsWith(UNFINISHED_RENAME_SUFFIX);
  return { text: isUnfinishedRename ? file.slice(0, -UNFINISHED_RENAME_SUFFIX.length) : file, isUnfinishedRename };
}
