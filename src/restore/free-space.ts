/** The room and the inodes that a restore needs, and whether they are there. */

import { SystemError } from '../errors.ts';
import type { FileSystem } from '../fs/file-system.ts';
import type { Outlook } from '../plan/outlook.ts';
import { hashDepth, type QueueLayout } from '../queue/layout.ts';

/** A line of the journal, generously. */
const JOURNAL_LINE_BYTES = 1024;
/** Journal, lock, files that are tried with. */
const SPARE_INODES = 64;
/** Sub-directories of staging hold a thousand messages; fewer are counted here. */
const MESSAGES_PER_STAGING_DIRECTORY = 500;
/** Hash directories are named after a hexadecimal digit of the queue ID. */
const HASH_FAN_OUT = 16;

/**
 * Refuses to begin what can't fit: a queue that fills up stops a running Postfix, too.
 *
 * @throws SystemError 'io' with ENOSPC: how much is missing
 */
export function checkRoom(
  fs: FileSystem,
  { queueDirectory, layout }: { readonly queueDirectory: string; readonly layout: QueueLayout },
  needed: Outlook,
): void {
  const free = fs.freeSpace(queueDirectory);
  const bytes = BigInt(needed.bytes + needed.messages * JOURNAL_LINE_BYTES);
  if (bytes > free.bytes) {
    refuse(queueDirectory, `${bytes - free.bytes} bytes are missing: ${bytes} are needed, ${free.bytes} are free`);
  }
  // For a while each file has its staged name, too.
  const names = needed.files * (free.linksTakeInodes === true ? 2 : 1);
  const inodes = BigInt(names + directories(needed, layout) + SPARE_INODES);
  if (free.inodes !== undefined && inodes > free.inodes) {
    refuse(queueDirectory, `${inodes - free.inodes} inodes are missing: ${inodes} are needed, ${free.inodes} are free`);
  }
}

/**
 * As many as may have to be made: those of staging, and all hash directories that the files can fall into. Those that are
 * there already are counted, too: to refuse some hundred inodes too early is better than to run out of them half-way.
 */
function directories({ messages, queues }: Outlook, layout: QueueLayout): number {
  let count = Math.ceil(messages / MESSAGES_PER_STAGING_DIRECTORY);
  for (const [queue, files] of queues) {
    for (let level = 1; level <= hashDepth(layout, queue); level += 1) {
      count += Math.min(HASH_FAN_OUT ** level, files);
    }
  }
  return count;
}

function refuse(queueDirectory: string, missing: string): never {
  throw new SystemError('io', `no room for the restore in ${queueDirectory}: ${missing}`, {
    path: queueDirectory,
    errno: 'ENOSPC',
    nextStep: 'Make room on that file system, or restore a part of the messages.',
  });
}
