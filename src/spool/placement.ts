/**
 * Staged files become queue files: they get their names, lose the staged ones, and are made ready. Each step can be
 * repeated: it looks at what is there, so an interrupted restore is finished by the very same calls.
 *
 * The order, and why (all of it tested by cutting it off at every call):
 *   1. every name is linked and durable before a staged name goes: the staged name may be the only durable one;
 *   2. every staged name is gone, durably, before a file is made ready: pickup(8) opens with safe_open(), which refuses a
 *      file with two links, and then deletes it (safe_open.c, pickup.c); and a staged name proves, after a crash, that
 *      Postfix has not seen the message;
 *   3. the ready bit is the last call: Postfix passes over a file whose owner bits are not rwx (mail_open_ok.c).
 */

import { dirname, join } from 'node:path';
import { SystemError } from '../errors.ts';
import type { FileStatus, FileSystem } from '../fs/file-system.ts';
import { safeLink, safeMkdir, safeUnlink } from '../fs/nfs-safe.ts';
import { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } from '../fs/open-flags.ts';
import { errnoOf, unlessErrno } from '../fs/system-error.ts';
import { type QueueLayout, queueFilePath } from '../queue/layout.ts';
import { parseQueueId } from '../queue/queue-id.ts';
import type { MessageQueueName, QueueName } from '../queue/queue-name.ts';
import type { JournalEntry } from './journal.ts';

/** Where the entries of a journal are staged and where they go. */
export interface PlacementTarget {
  readonly fs: FileSystem;
  readonly queueDirectory: string;
  readonly layout: QueueLayout;
  /** Absolute. */
  readonly stagingDirectory: string;
  /**
   * Runs a call as root, for the owner of a genuine submission; absent where postsnap is not root, or where the queue
   * directory isn't root's alone, so that root could be led elsewhere.
   */
  readonly asRoot?: <Result>(call: () => Result) => Result;
}

interface PlacedFile {
  readonly staged: string;
  readonly final: string;
  readonly inode: bigint;
}

/** The path of a queue file, built from a fixed name and a checked ID. */
export function finalPath(
  target: Pick<PlacementTarget, 'queueDirectory' | 'layout'>,
  queue: QueueName,
  queueId: string,
): string {
  const id = parseQueueId(queueId);
  if (id === undefined) {
    throw new TypeError(`no queue ID: ${queueId}`);
  }
  return join(target.queueDirectory, queueFilePath(target.layout, queue, id));
}

function messageFile(target: PlacementTarget, entry: JournalEntry, queueId: string): PlacedFile {
  return {
    staged: join(target.stagingDirectory, entry.staged),
    final: finalPath(target, entry.new_queue_name, queueId),
    inode: entry.inode,
  };
}

function logFiles(target: PlacementTarget, entry: JournalEntry, queueId: string): PlacedFile[] {
  return entry.logs.map((log) => ({
    staged: join(target.stagingDirectory, log.staged),
    final: finalPath(target, log.queue_name, queueId),
    inode: log.inode,
  }));
}

/** The names that an entry's files get, the logs' first. */
export function finalPaths(target: PlacementTarget, entry: JournalEntry): string[] {
  const files = [...logFiles(target, entry, entry.new_queue_id), messageFile(target, entry, entry.new_queue_id)];
  return files.map(({ final }) => final);
}

/** The names that an entry's files have while they are staged. */
export function stagedPaths(target: PlacementTarget, entry: JournalEntry): string[] {
  return [...entry.logs.map(({ staged }) => staged), entry.staged].map((name) => join(target.stagingDirectory, name));
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
  const message = messageFile(target, entry, entry.new_queue_id);
  if (!hasInode(target.fs.lstat(message.staged), message.inode)) {
    return 'beyond';
  }
  for (const queueId of abandonedIds) {
    unlinkFinals(target, entry, queueId);
  }
  for (const file of [...logFiles(target, entry, entry.new_queue_id), message]) {
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
  for (const { final, staged, inode } of [messageFile(target, entry, queueId), ...logFiles(target, entry, queueId)]) {
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
  const { staged, final, inode } = messageFile(target, entry, entry.new_queue_id);
  if (!hasInode(target.fs.lstat(staged), inode)) {
    return;
  }
  if (!hasInode(target.fs.lstat(final), inode)) {
    throw new SystemError('refused', `${final} has gone while it was restored`, {
      path: final,
      errno: 'ENOENT',
      nextStep: 'Find out what removes files from this queue, then run the same command again.',
    });
  }
  safeUnlink(target.fs, staged);
}

/**
 * Step 3: makes a message ready. From here on it is Postfix's.
 *
 * @returns 'beyond' if it is ready already, or gone since Postfix had it
 */
export function makeReady(target: PlacementTarget, entry: JournalEntry): 'ready' | 'beyond' {
  const { asRoot } = target;
  const places = [entry.new_queue_name, ...laterPlaces(entry.new_queue_name)];
  for (const queue of places) {
    const path = finalPath(target, queue, entry.new_queue_id);
    const attempt = (): Readied => makeReadyAt(target, entry, path);
    const outcome = entry.owner !== undefined && asRoot !== undefined ? asRoot(attempt) : attempt();
    if (outcome !== 'gone') {
      return outcome;
    }
  }
  return 'beyond';
}

/**
 * Where qmgr(8) may have moved a message that was ready before a power loss: its rename may have reached the disk
 * without the ready bit.
 */
function laterPlaces(queue: MessageQueueName): readonly MessageQueueName[] {
  return queue === 'incoming' || queue === 'deferred' || queue === 'hold' ? ['incoming', 'active', 'deferred'] : [];
}

type Readied = 'ready' | 'beyond' | 'gone';

const OPEN_FLAGS = O_RDONLY | O_NOFOLLOW | O_NONBLOCK;

function makeReadyAt({ fs, asRoot }: PlacementTarget, entry: JournalEntry, path: string): Readied {
  const fd = unlessErrno(['ENOENT'], () => fs.open(path, OPEN_FLAGS));
  if (fd === undefined) {
    return 'gone';
  }
  try {
    const status = fs.fstat(fd);
    if (status.inode !== entry.inode || status.size !== entry.size) {
      return 'gone';
    }
    if (status.mode !== 0o600) {
      return 'beyond';
    }
    refuseSecondLink(status, path);
    if (entry.owner !== undefined && asRoot !== undefined) {
      refuseRoots(status, path);
      fs.fchown(fd, entry.owner.uid, entry.owner.gid);
    }
    fs.fchmod(fd, entry.mode);
    if (entry.mtimeNs !== undefined) {
      // Only now: an unready file with an old time is what `postsuper -p` deletes at every start and reload.
      fs.futimes(fd, entry.mtimeNs, entry.mtimeNs);
    }
    return 'ready';
  } finally {
    fs.close(fd);
  }
}

function refuseSecondLink(status: FileStatus, path: string): void {
  if (status.links !== 1) {
    throw new SystemError('refused', `${path} has ${status.links} names instead of one; pickup(8) would delete it`, {
      path,
      errno: 'EMLINK',
      nextStep:
        'Over NFS a .nfsXXXX file may stand for a name that is still open: run the same command again in a minute.',
    });
  }
}

/** Root gives nothing away that is root's, whatever stands under the name. */
function refuseRoots(status: FileStatus, path: string): void {
  if (status.type !== 'file' || status.uid === 0) {
    throw new SystemError('refused', `${path} is root's, and was not made by this restore`, { path, errno: 'EPERM' });
  }
}

/** Step 4: takes away the staged names of an entry's logs. Until now they showed that the logs were linked. */
export function dropStagedLogs(target: PlacementTarget, entry: JournalEntry): void {
  for (const { staged, inode } of logFiles(target, entry, entry.new_queue_id)) {
    if (hasInode(target.fs.lstat(staged), inode)) {
      safeUnlink(target.fs, staged);
    }
  }
}

function hasInode(status: FileStatus | undefined, inode: bigint): boolean {
  return status?.type === 'file' && status.inode === inode;
}
