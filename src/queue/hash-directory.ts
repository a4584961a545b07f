/**
 * The directory forest of a hashed queue: one level for each of the first characters of the short form of a queue ID.
 * Authority: dir_forest.c, mail_queue.c (mail_queue_dir).
 */

import { type QueueId, shortMicroseconds } from './queue-id.ts';

/** Postfix sets no upper limit to hash_queue_depth; more levels than this would be a directory for each message. */
export const MAXIMUM_HASH_DEPTH = 16;

/**
 * The names of the hash directories of a queue ID, outermost first.
 *
 * A long ID hashes by its microseconds in hexadecimal, as a short one does by its first characters; where these end,
 * underscores follow.
 *
 * @param depth hash_queue_depth; 0 stands for a queue that is not hashed.
 */
export function hashDirectories(id: QueueId, depth: number): string[] {
  const name = id.form === 'short' ? id.text : shortMicroseconds(id.microseconds);
  const directories: string[] = [];
  for (let level = 0; level < depth; level += 1) {
    directories.push(name.charAt(level) || '_');
  }
  return directories;
}
