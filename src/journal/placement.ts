/**
 * Staged files become queue files: they get their names, lose the staged ones, and are made ready. Each step can be
 * repeated: it looks at what is there, so an interrupted restore is finished by the very same calls.
 *
 * The order, and why (all of it tested by cutting it off at every call):
 *   1. every name is linked and durable before a staged name goes: the staged name may be the only durable one;
 *   2. every staged name is gone, durably, before a file is made ready: pickup(8) opens with safe_open(), which refuses a
 *      file with two links, and then deletes it (safe_open.c, pickup.c); and a staged name proves, after a crash, that
 *      Postfix has not seen the message;
 *   3. the ready bit is the last call: Postfix passes over a file whose owner bits are not rwx (mail_open_ok.c);
 *   4. an old time is set only when the ready bit is durable: `postsuper -p` deletes old files that are not ready.
 * Steps 3 and 4 are in readiness.ts.
 */

import { dirname } from 'node:path';
import { SystemError } from '../errors.ts';
import type { FileStatus, FileSystem } from '../fs/file-system.ts';
import { safeLink, safeMkdir, safeUnlink } from '../fs/nfs-safe.ts';
import { errnoOf } from '../fs/system-error.ts';
import { type QueueLayout, queueFilePath } from '../queue/layout.ts';
import { parseQueueId, type QueueId } from '../queue/queue-id.ts';
import type { QueueName } from '../queue/queue-name.ts';
import type { JournalEntry } from './journal.ts';
import type { SubmissionService } from './submission.ts';

/** Where the entries of a journal are staged and where they go. */
export interface PlacementTarget {
  readonly fs: FileSystem;
  readonly queueDirectory: string;
  readonly layout: QueueLayout;
  /** Absolute. */
  readonly stagingDirectory: string;
  /** Absent where postsnap is not root, or where the queue directory isn't root's alone, so that root could be led elsewhere. */
  readonly submitters?: Submitters;
}

/** What root goes by when a genuine submission becomes its submitter's again. The journal alone won't do: it is mail_owner's. */
export interface Submitters {
  readonly service: SubmissionService;
  /** Whether the archive at hand says of this message, and of its submitter, what the journal says. */
  readonly isProven: (entry: JournalEntry) => boolean;
}

interface PlacedFile {
  readonly staged: string;
  readonly final: string;
  readonly inode: bigint;
}

/** The path of a queue file, built from a fixed name and a checked ID. */
export function finalPath(
  { queueDirectory, layout }: Pick<PlacementTarget, 'queueDirectory' | 'layout'>,
  queue: QueueName,
  queueId: string,
): string {
  return `${queueDirectory}/${queueFilePath(layout, queue, checkedId(queueId))}`;
}

function checkedId(text: string): QueueId {
  const id = parseQueueId(text);
  if (id === undefined) {
    throw new TypeError(`no queue ID: ${text}`);
  }
  return id;
}

function messageFile(target: PlacementTarget, entry: JournalEntry, queueId: string): PlacedFile {
  return {
    staged: `${target.stagingDirectory}/${entry.staged}`,
    final: finalPath(target, entry.new_queue_name, queueId),
    inode: entry.inode,
  };
}

/** An entry's files, the logs first: once the message has its name, all of it is there. */
function filesOf(
  { stagingDirectory, queueDirectory, layout }: PlacementTarget,
  entry: JournalEntry,
  queueId: string,
): PlacedFile[] {
  const id = checkedId(queueId);
  const place = (queue: QueueName, { staged, inode }: { staged: string; inode: bigint }): PlacedFile => ({
    staged: `${stagingDirectory}/${staged}`,
    final: `${queueDirectory}/${queueFilePath(layout, queue, id)}`,
    inode,
  });
  return [...entry.logs.map((log) => place(log.queue_name, log)), place(entry.new_queue_name, entry)];
}

/** The names that an entry's files get, the logs' first. */
export function finalPaths(target: PlacementTarget, entry: JournalEntry): string[] {
  return filesOf(target, entry, entry.new_queue_id).map(({ final }) => final);
}

/** The names that an entry's files have while they are staged. */
export function stagedPaths(target: PlacementTarget, entry: JournalEntry): string[] {
  return [...entry.logs, entry].map(({ staged }) => `${target.stagingDirectory}/${staged}`);
}

/**
 * Step 1: gives an entry's files their names; they stay 0600, so Postfix sees nothing. Logs first, then the message: once
 * the message has its name, all of it is there.
 *
 * @returns 'linked'; 'beyond' if the staged name is gone, so that this step was done by an earlier run; 'taken' if another
 *   file has one of the names: then none of ours is left under that ID
 */
export function linkEntry(
  target: PlacementTarget,
  entry: JournalEntry,
  abandonedIds: readonly string[],
): 'linked' | 'beyond' | 'taken' {
  if (!hasInode(target.fs.lstat(`${target.stagingDirectory}/${entry.staged}`), entry.inode)) {
    return 'beyond';
  }
  for (const queueId of abandonedIds) {
    unlinkFinals(target, entry, queueId);
  }
  for (const file of filesOf(target, entry, entry.new_queue_id)) {
    if (linkFile(target.fs, file, target.queueDirectory) === 'exists') {
      unlinkFinals(target, entry, entry.new_queue_id);
      return 'taken';
    }
  }
  return 'linked';
}

/** Takes back the names of files that are ours, by inode; the staged names keep them. */
function unlinkFinals(target: PlacementTarget, entry: JournalEntry, queueId: string): void {
  const { fs } = target;
  for (const { final, staged, inode } of filesOf(target, entry, queueId).toReversed()) {
    if (hasInode(fs.lstat(final), inode) && hasInode(fs.lstat(staged), inode)) {
      safeUnlink(fs, final);
    }
  }
}

function linkFile(fs: FileSystem, file: PlacedFile, queueDirectory: string): 'linked' | 'exists' {
  try {
    return safeLink(fs, file.staged, file.final);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') {
      throw error;
    }
    makeHashDirectories(fs, dirname(file.final), queueDirectory);
    return safeLink(fs, file.staged, file.final);
  }
}

/** Makes the directories between a queue and a file, as mail_queue.c does: mode 0700. The queue itself must be there. */
function makeHashDirectories(fs: FileSystem, directory: string, queueDirectory: string): void {
  const parent = dirname(directory);
  if (parent === queueDirectory || parent === directory) {
    return;
  }
  makeHashDirectories(fs, parent, queueDirectory);
  safeMkdir(fs, directory, 0o700);
}

/**
 * Step 2: takes away the staged name of a message, which has its own name durably by now.
 *
 * @throws SystemError if the own name is not there: then the staged one is the last
 */
export function dropStagedMessage(target: PlacementTarget, entry: JournalEntry): void {
  const { fs } = target;
  const { staged, final, inode } = messageFile(target, entry, entry.new_queue_id);
  if (hasInode(fs.lstat(final), inode)) {
    safeUnlink(fs, staged);
  } else if (hasInode(fs.lstat(staged), inode)) {
    throw new SystemError('refused', `${final} has gone while it was restored`, {
      path: final,
      errno: 'ENOENT',
      nextStep: 'Find out what removes files from this queue, then run the same command again.',
    });
  }
}

function hasInode(status: FileStatus | undefined, inode: bigint): boolean {
  return status?.type === 'file' && status.inode === inode;
}
