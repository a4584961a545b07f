/**
 * postsnap's own directory in a queue directory: the lock, the journals, and the staging directories. It is mail_owner's,
 * so that nothing in it needs root; on the file system of the queues, so that staged files can be linked into them.
 */

import { dirname, join } from 'node:path';
import { OperatorError, SystemError } from '../errors.ts';
import { errnoText } from '../fs/errno-text.ts';
import type { FileSystem } from '../fs/file-system.ts';
import { safeMkdir } from '../fs/nfs-safe.ts';
import { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } from '../fs/open-flags.ts';
import { errnoOf, systemError, unlessErrno } from '../fs/system-error.ts';

const STATE_DIRECTORY = 'postsnap';
const JOURNAL_SUFFIX = '.journal';
const STAGING_SUFFIX = '.staged';
const RECEIPT_SUFFIX = '.receipt';
const RECEIPT_DRAFT_SUFFIX = '.receipt-draft';
const DIRECTORY_NO_FOLLOW = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;

/** Where postsnap keeps its lock and journals for a queue directory. */
export function stateDirectory(queueDirectory: string): string {
  return join(queueDirectory, STATE_DIRECTORY);
}

/** Whether a path below the queue directory is a file's place in a queue, and not one where postsnap has staged it. */
export function isInQueue(from: string): boolean {
  return !from.startsWith(`${STATE_DIRECTORY}/`);
}

/** The journal of the restore `run`; the name is in no way a queue ID. */
export function journalPath(queueDirectory: string, run: string): string {
  return join(stateDirectory(queueDirectory), run + JOURNAL_SUFFIX);
}

/** The name of the staging directory of the restore `run`. */
export function stagingName(run: string): string {
  return run + STAGING_SUFFIX;
}

/** The journals of this queue directory, oldest first: their names begin with the time. */
export function listJournals(fs: FileSystem, queueDirectory: string): string[] {
  return listState(fs, queueDirectory, JOURNAL_SUFFIX);
}

/** The receipts of restores that are done, oldest first. */
export function listReceipts(fs: FileSystem, queueDirectory: string): string[] {
  return listState(fs, queueDirectory, RECEIPT_SUFFIX);
}

export function isReceipt(path: string): boolean {
  return path.endsWith(RECEIPT_SUFFIX);
}

/** What a run that was killed left of the making of a receipt. */
export function listReceiptDrafts(fs: FileSystem, queueDirectory: string): string[] {
  return listState(fs, queueDirectory, RECEIPT_DRAFT_SUFFIX);
}

/** The receipt that a journal becomes. */
export function receiptPath(journal: string): string {
  return journal.slice(0, -JOURNAL_SUFFIX.length) + RECEIPT_SUFFIX;
}

/** Where it stands until it is complete and durable. */
export function receiptDraftPath(journal: string, attempt: number): string {
  return `${journal.slice(0, -JOURNAL_SUFFIX.length)}.${attempt}${RECEIPT_DRAFT_SUFFIX}`;
}

/** The staging directories that are there; one without an unfinished journal is a stray. */
export function listStagings(fs: FileSystem, queueDirectory: string): string[] {
  return listState(fs, queueDirectory, STAGING_SUFFIX);
}

function listState(fs: FileSystem, queueDirectory: string, suffix: string): string[] {
  const directory = stateDirectory(queueDirectory);
  if (fs.lstat(directory)?.type !== 'directory') {
    return [];
  }
  const all = readState(fs, directory, () => fs.readdir(directory));
  const names = all.filter((name) => name.endsWith(suffix));
  return names.sort().map((name) => join(directory, name));
}

/**
 * Reads something of the state directory. What mail_owner may not read there was written when another user was
 * mail_owner, or he had another uid.
 */
export function readState<Result>(fs: FileSystem, path: string, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    const refused = error instanceof SystemError ? error : undefined;
    if ((refused?.errno ?? errnoOf(error)) !== 'EACCES') {
      throw error;
    }
    const foreign = refused?.path ?? path;
    const directory = path.endsWith(`/${STATE_DIRECTORY}`) ? path : dirname(path);
    throw new SystemError('refused', `mail_owner may not read ${foreign}, which is of uid ${ownerOf(fs, foreign)}`, {
      path: foreign,
      errno: 'EACCES',
      nextStep: `If that was mail_owner's uid before, give him what is his: chown -R mail_owner ${directory}, with his name or number. Then run the same command again.`,
      cause: error,
    });
  }
}

/** Below a directory that can't be entered nothing can be looked at: then the directory's. */
function ownerOf(fs: FileSystem, path: string): number | undefined {
  return (unlessErrno(['EACCES'], () => fs.lstat(path)) ?? fs.lstat(dirname(path)))?.uid;
}

/**
 * Makes the state directory, mode 0700 and mail_owner's. To be called with the rights of the queue directory's owner,
 * who is root as a rule: only there a directory can be made in it.
 *
 * @throws SystemError: something else has its name, or the file system refuses
 */
export function ensureStateDirectory(
  fs: FileSystem,
  queueDirectory: string,
  owner: { readonly uid: number; readonly gid: number },
): void {
  const path = stateDirectory(queueDirectory);
  try {
    if (fs.lstat(path) === undefined) {
      safeMkdir(fs, path, 0o700);
    }
  } catch (error) {
    const nextStep = `Make it by hand, mode 0700 and owned by mail_owner (uid ${owner.uid}), and run the same command again.`;
    if (errnoOf(error) === 'EACCES') {
      // mail_owner himself: the queue directory is root's.
      const message = `can't make the directory ${path}: ${errnoText('EACCES')}`;
      throw new OperatorError('not-permitted', message, {
        path,
        nextStep: `As root: ${nextStep.charAt(0).toLowerCase()}${nextStep.slice(1)}`,
        cause: error,
      });
    }
    throw systemError(error, { action: "can't make the directory", path, nextStep });
  }
  const status = fs.lstat(path);
  if (status?.type !== 'directory') {
    throw new SystemError('refused', `${path} is no directory`, {
      path,
      errno: 'ENOTDIR',
      nextStep: 'Move it away and run the same command again.',
    });
  }
  if (status.uid !== owner.uid || (status.mode & 0o077) !== 0) {
    giveDirectory(fs, path, owner);
  }
}

/** By descriptor, and only a directory that root made just now or before: never what mail_owner put there. */
function giveDirectory(fs: FileSystem, path: string, owner: { readonly uid: number; readonly gid: number }): void {
  const fd = fs.open(path, DIRECTORY_NO_FOLLOW);
  try {
    const { uid, mode } = fs.fstat(fd);
    if (uid !== owner.uid) {
      fs.fchown(fd, owner.uid, owner.gid);
    }
    // Journals decide what is sent. Root may lack the right to set the mode of what is another's (CAP_FOWNER).
    if (mode !== 0o700) {
      fs.fchmod(fd, 0o700);
    }
  } catch (error) {
    throw systemError(error, {
      action: "can't give mail_owner the directory",
      path,
      nextStep: "Over NFS the server may refuse root (root_squash): make it mail_owner's by hand.",
    });
  } finally {
    fs.close(fd);
  }
}
