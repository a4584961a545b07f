/** Where root looks for somebody else: a queue, its hash directories, and a name that a queue file can have. */

import { MAXIMUM_HASH_DEPTH } from '../queue/hash-directory.ts';
import { isQueueName } from '../queue/queue-name.ts';

// mail_queue.h: queue IDs are letters and digits; a hash directory is one of them. postsuper(1) adds #FIX for a while.
const HASH_DIRECTORY = /^[0-9A-Za-z]$/u;
const FILE_NAME = /^[0-9A-Za-z]{1,100}(?:#FIX)?$/u;

/** Whether this names a queue, a directory in it, or what may be a queue file; never a way out of the queue directory. */
export function isSearchPlace(place: string): boolean {
  const [queue = '', ...names] = place.split('/');
  const directories = names.slice(0, -1);
  const last = names.at(-1);
  return (
    isQueueName(queue) &&
    directories.length <= MAXIMUM_HASH_DEPTH &&
    directories.every((name) => HASH_DIRECTORY.test(name)) &&
    (last === undefined || FILE_NAME.test(last))
  );
}
