/** What a queue directory itself tells of the configuration that it was used with. */

import { join } from 'node:path';
import type { FileSystem } from '../fs/file-system.ts';
import { unlessErrno } from '../fs/system-error.ts';
import { MAXIMUM_HASH_DEPTH } from '../queue/hash-directory.ts';
import { parseQueueId } from '../queue/queue-id.ts';
import { QUEUES } from '../queue/queue-name.ts';

/** Values of Postfix parameters; a parameter that the queue tells nothing of is not among them. */
export type QueueLook = ReadonlyMap<LookedAt, string>;

type LookedAt = 'mail_owner' | 'hash_queue_names' | 'hash_queue_depth' | 'enable_long_queue_ids';

/**
 * Looks at the owner of the queues, at their hash directories, and at the form of the queue IDs. An empty queue without hash
 * directories tells no more than its owner.
 */
export function lookAtQueue(fs: Pick<FileSystem, 'lstat' | 'readdir'>, queueDirectory: string): QueueLook {
  const look = new Map<LookedAt, string>();
  const owner = fs.lstat(`${join(queueDirectory, 'incoming')}/.`)?.uid;
  if (owner !== undefined) {
    look.set('mail_owner', String(owner));
  }
  const forms = new Set<string>();
  const hashed = QUEUES.filter(({ hashable }) => hashable).flatMap(({ name }) => {
    const depth = depthOf(fs, join(queueDirectory, name), (file) => forms.add(parseQueueId(file)?.form ?? 'none'));
    return depth === 0 ? [] : [{ name, depth }];
  });
  if (hashed.length > 0) {
    look.set('hash_queue_names', hashed.map(({ name }) => name).join(', '));
    look.set('hash_queue_depth', String(Math.max(...hashed.map(({ depth }) => depth))));
  }
  if (forms.has('long') || forms.has('short')) {
    look.set('enable_long_queue_ids', forms.has('long') ? 'yes' : 'no');
  }
  return look;
}

/** How many levels of directories with names of one character there are below one of them. */
function depthOf(fs: Pick<FileSystem, 'lstat' | 'readdir'>, directory: string, onFile: (name: string) => void): number {
  const names = unlessErrno(['ENOENT', 'ENOTDIR', 'EACCES'], () => fs.readdir(directory)) ?? [];
  let depth = 0;
  for (const name of names) {
    if (name.length !== 1) {
      onFile(name);
    } else if (fs.lstat(join(directory, name))?.type === 'directory') {
      depth = Math.max(depth, 1 + depthOf(fs, join(directory, name), onFile));
    }
  }
  return Math.min(depth, MAXIMUM_HASH_DEPTH);
}
