/**
 * Staged files become queue files: they get their names, lose the staged ones, and are made ready. Each step can be
 * repeated: it looks at what is there, so an interrupted restore is finished by the very same calls.
 *
 * The order, and why (restore-crash.test.ts cuts it off at every call, restore-order.test.ts undoes each rule and shows
 * the promise that breaks):
 *   1. every name is linked and durable before a staged name goes: the staged name may be the only durable one;
 *   2. a message's staged name is gone, durably, before it is made ready: pickup(8) opens with safe_open(), which refuses a
 *      file with two links, and then deletes it (safe_open.c, pickup.c);
 *   3. the journal knows, durably, which messages may be made ready before one of them is: so of all others it is certain
 *      that Postfix never had them (marks.ts);
 *   4. the ready bit is the last call: Postfix passes over a file whose owner bits are not rwx (mail_open_ok.c);
 *   5. an old time is set only when the ready bit is durable: `postsuper -p` deletes old files that are not ready.
 * Steps 4 and 5 are in readiness.ts.
 */

import { dirname } from 'node:path';
import type { FileSystem } from '../fs/file-system.ts';
import { safeLink, safeMkdir, safeUnlink } from '../fs/nfs-safe.ts';
import { isSameFile } from '../fs/same-file.ts';
import { errnoOf } from '../fs/system-error.ts';
import { type QueueLayout, queueFilePath } from '../queue/layout.ts';
import { parseQueueId, type QueueId } from '../queue/queue-id.ts';
import type { QueueName } from '../queue/queue-name.ts';
import type { JournalEntry, JournalFile } from './journal.ts';
import type { SubmissionService } from './submission.ts';

/** Where the entries of a journal are staged and where they go. */
export interface PlacementTarget {
  readonly fs: FileSystem;
  readonly queueDirectory: string;
  readonly layout: QueueLayout;
  readonly enableLongQueueIds: boolean;
  /** Absent where postsnap is not root, or where the queue directory isn't root's alone, so that root could be led elsewhere. */
  readonly submitters?: Submitters;
}

/** What root goes by when a genuine submission becomes its submitter's again. The journal alone won't do: it is mail_owner's. */
export interface Submitters {
  readonly service: SubmissionService;
  /** Whether the archive at hand says of this message, and of its submitter, what the journal says. */
  isProven(entry: JournalEntry): boolean;
}

interface PlacedFile {
  readonly staged: string;
  readonly final: string;
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

/** The name that a file of the journal has while it is staged. */
export function stagedPath({ queueDirectory }: Pick<PlacementTarget, 'queueDirectory'>, { from }: JournalFile): string {
  return `${queueDirectory}/${from}`;
}

/** An entry's files, the logs first: once the message has its name, all of it is there. */
function filesOf(target: PlacementTarget, entry: JournalEntry, queueId: string): PlacedFile[] {
  const { queueDirectory, layout } = target;
  const id = checkedId(queueId);
  const place = (queue: QueueName, file: JournalFile): PlacedFile => ({
    staged: stagedPath(target, file),
    final: `${queueDirectory}/${queueFilePath(layout, queue, id)}`,
  });
  return [...entry.logs.map((log) => place(log.queueName, log)), place(entry.newQueueName, entry)];
}

/** The names that an entry's files get, the logs' first. */
export function finalPaths(target: PlacementTarget, entry: JournalEntry): string[] {
  return filesOf(target, entry, entry.newQueueId).map(({ final }) => final);
}

/** The names that an entry's files have while they are staged. */
export function stagedPaths(target: PlacementTarget, entry: JournalEntry): string[] {
  return [...entry.logs, entry].map((file) => stagedPath(target, file));
}

/**
 * Step 1: gives an entry's files their names; they stay 0600, so Postfix sees nothing. Logs first, then the message: once
 * the message has its name, all of it is there.
 *
 * @returns 'linked'; 'taken' if another file has one of the names: then none of ours is left under that ID
 */
export function linkEntry(target: PlacementTarget, entry: JournalEntry): 'linked' | 'taken' {
  for (const file of filesOf(target, entry, entry.newQueueId)) {
    if (linkFile(target.fs, file, target.queueDirectory) === 'exists') {
      unlinkFinals(target, entry, entry.newQueueId);
      return 'taken';
    }
  }
  return 'linked';
}

/** Takes back the names of files that are ours; the staged names keep them. */
export function unlinkFinals(target: PlacementTarget, entry: JournalEntry, queueId: string): void {
  const { fs } = target;
  for (const { final, staged } of filesOf(target, entry, queueId).toReversed()) {
    // A repair may leave a log where it stands: then there is no other name that keeps it.
    if (final !== staged && isSameFile(fs.lstat(final), fs.lstat(staged))) {
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
