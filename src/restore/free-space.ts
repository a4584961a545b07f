import { SystemError } from '../errors.ts';
import type { FileSystem } from '../fs/file-system.ts';
import type { Outlook } from '../plan/outlook.ts';

/** A line of the journal, generously. */
const JOURNAL_LINE_BYTES = 1024;
/** Directories of staging, hash directories. */
const SPARE_INODES = 64n;

/**
 * Refuses to begin what can't fit: a queue that fills up stops a running Postfix, too.
 *
 * @throws SystemError 'io' with ENOSPC: how much is missing
 */
export function checkRoom(fs: FileSystem, queueDirectory: string, needed: Omit<Outlook, 'queues'>): void {
  const free = fs.freeSpace(queueDirectory);
  const bytes = BigInt(needed.bytes + needed.messages * JOURNAL_LINE_BYTES);
  if (bytes > free.bytes) {
    refuse(queueDirectory, `${bytes - free.bytes} bytes are missing: ${bytes} are needed, ${free.bytes} are free`);
  }
  const inodes = BigInt(needed.files) + SPARE_INODES;
  if (free.inodes !== undefined && inodes > free.inodes) {
    refuse(queueDirectory, `${inodes - free.inodes} inodes are missing: ${inodes} are needed, ${free.inodes} are free`);
  }
}

function refuse(queueDirectory: string, missing: string): never {
  throw new SystemError('io', `no room for the restore in ${queueDirectory}: ${missing}`, {
    path: queueDirectory,
    errno: 'ENOSPC',
    nextStep: 'Make room on that file system, or restore some of the queues with --queues.',
  });
}
