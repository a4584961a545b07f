/** The file that a page is written into, 0600: it names who wrote to whom. */

import { dirname } from 'node:path';
import type { AtomicFile } from '../../fs/atomic-file.ts';
import { refuseWithin } from '../../fs/directories-above.ts';
import { createNewFile } from '../../fs/new-file.ts';
import { nodeFileSystem } from '../../fs/node-file-system.ts';
import { QUEUE_DIRECTORY } from '../../queue/queue-name.ts';

/**
 * Begins a page before the work: its name must be free.
 *
 * @throws OperatorError `output-exists`: there is such a file, or it can't be made
 */
export function beginPage(path: string): AtomicFile {
  refuseWithin(nodeFileSystem, dirname(path), QUEUE_DIRECTORY);
  return createNewFile(nodeFileSystem, path);
}
