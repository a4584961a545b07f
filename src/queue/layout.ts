/**
 * Where a queue file stands below the queue directory, as hash_queue_names and hash_queue_depth say (postconf(5)).
 */

import { hashDirectories } from './hash-directory.ts';
import type { QueueId } from './queue-id.ts';
import type { QueueName } from './queue-name.ts';

export interface QueueLayout {
  /** The queues with hash directories, in lower case: mail_queue_dir() compares without regard to case. */
  readonly hashQueueNames: ReadonlySet<string>;
  /** Levels of hash directories: hash_queue_depth, 1 or more. */
  readonly hashQueueDepth: number;
}

/** What postconf(5) gives as the defaults. */
export const DEFAULT_LAYOUT: QueueLayout = { hashQueueNames: new Set(['deferred', 'defer']), hashQueueDepth: 1 };

/** The depths that {@link possiblePaths} tries besides the layout's own: 0 is the flat place. */
const OTHER_DEPTHS = [0, 1, 2, 3];

/** Makes a layout of the two parameters' values. Names are separated by commas and white space (CHARS_COMMA_SP). */
export function parseLayout(hashQueueNames: string, hashQueueDepth: number): QueueLayout {
  const names = hashQueueNames
    .toLowerCase()
    .split(/[,\s]+/)
    .filter((name) => name !== '');
  return { hashQueueNames: new Set(names), hashQueueDepth };
}

/** How many levels of hash directories a queue has. maildrop has none, whatever the parameters say. */
export function hashDepth(layout: QueueLayout, queueName: QueueName): number {
  return queueName !== 'maildrop' && layout.hashQueueNames.has(queueName) ? layout.hashQueueDepth : 0;
}

/** The one place where Postfix looks for a queue file, relative to the queue directory. */
export function queueFilePath(layout: QueueLayout, queueName: QueueName, id: QueueId): string {
  return pathAtDepth(queueName, id, hashDepth(layout, queueName));
}

/**
 * Every place where a queue file may stand, its own first: a changed hash_queue_names or hash_queue_depth leaves files
 * behind at the old places until `postsuper -s` moves them.
 */
export function possiblePaths(layout: QueueLayout, queueName: QueueName, id: QueueId): string[] {
  const own = hashDepth(layout, queueName);
  if (queueName === 'maildrop') {
    return [pathAtDepth(queueName, id, own)];
  }
  const depths = [own, ...OTHER_DEPTHS.filter((depth) => depth !== own)];
  return depths.map((depth) => pathAtDepth(queueName, id, depth));
}

/** The path of a queue file below so many hash directories, relative to the queue directory. */
export function pathAtDepth(queueName: QueueName, id: QueueId, depth: number): string {
  let directory: string = queueName;
  for (const name of hashDirectories(id, depth)) {
    directory += `/${name}`;
  }
  return `${directory}/${id.text}`;
}
