/** Where root looks for somebody else: a queue, its hash directories, and a name that a queue file can have. */

import { MAXIMUM_HASH_DEPTH } from '../queue/hash-directory.ts';
import { isQueueName } from '../queue/queue-name.ts';

// mail_queue.h: queue IDs are letters and digits; a hash directory is one of them. postsuper(1) adds #FIX for a while.
const HASH_DIRECTORY = /^[0-9A-Za-z]$/u;
const FILE_NAME = /^[0-9A-Za-z]{1,100}(?:#FIX)?$/u;

/** Whether this names what may be a queue file, below a queue directory; never a way out of it. */
export function isQueueFilePath(path: string): boolean {
  const [queue = '', ...names] = path.split('/');
  const file = names.pop() ?? '';
  return (
    isQueueName(queue) && names.length <= MAXIMUM_HASH_DEPTH && names.every(isHashDirectory) && FILE_NAME.test(file)
  );
}

/** Whether this names a hash directory of a queue; never a way out of it. maildrop has none. */
export function isHashDirectoryPath(path: string): boolean {
  const [queue = '', ...names] = path.split('/');
  const isHashable = isQueueName(queue) && queue !== 'maildrop';
  return isHashable && names.length > 0 && names.length <= MAXIMUM_HASH_DEPTH && names.every(isHashDirectory);
}

function isHashDirectory(name: string): boolean {
  return HASH_DIRECTORY.test(name);
}
