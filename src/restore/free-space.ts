/** The room and the inodes that a restore needs, and whether they are there. */

import { SystemError } from '../errors.ts';
import type { FileSystem } from '../fs/file-system.ts';
import type { Outlook } from '../plan/outlook.ts';
import { hashDepth, type QueueLayout } from '../queue/layout.ts';
import type { RestoreRoom } from './options.ts';

/** A line of the journal, generously. */
const JOURNAL_LINE_BYTES = 1024;
/** Journal, lock, files that are tried with. */
const SPARE_INODES = 64;
/** Sub-directories of staging hold a thousand messages; fewer are counted here. */
const MESSAGES_PER_STAGING_DIRECTORY = 500;
/** Hash directories are named after a hexadecimal digit of the queue ID. */
const HASH_FAN_OUT = 16;

/** A queue directory, and how its queues are hashed. */
interface RoomQuestion {
  readonly queueDirectory: string;
  readonly layout: QueueLayout;
}

/** The room that a restore takes, and what there is. */
export function roomFor(fs: FileSystem, { queueDirectory, layout }: RoomQuestion, needed: Outlook): RestoreRoom {
  const free = fs.freeSpace(queueDirectory);
  // For a while each file has its staged name, too.
  const names = needed.files * (free.linksTakeInodes === true ? 2 : 1);
  return {
    bytes_needed: needed.bytes + needed.messages * JOURNAL_LINE_BYTES,
    bytes_free: Number(free.bytes),
    inodes_needed: names + directories(needed, layout) + SPARE_INODES,
    inodes_free: free.inodes === undefined ? null : Number(free.inodes),
  };
}

/**
 * Refuses to begin what can't fit: a queue that fills up stops a running Postfix, too.
 *
 * @throws SystemError `io`: ENOSPC, and how much is missing
 */
export function checkRoom(queueDirectory: string, room: RestoreRoom): void {
  const { bytes_needed: bytes, bytes_free, inodes_needed: inodes, inodes_free } = room;
  if (bytes > bytes_free) {
    refuse(queueDirectory, `${bytes - bytes_free} bytes are missing: ${bytes} are needed, ${bytes_free} are free`);
  }
  if (inodes_free !== null && inodes > inodes_free) {
    refuse(queueDirectory, `${inodes - inodes_free} inodes are missing: ${inodes} are needed, ${inodes_free} are free`);
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
