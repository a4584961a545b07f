/**
 * What only root can do for a restore: to make a genuine submission its submitter's again. Whoever asks for it works with
 * mail_owner's rights and may have been taken over, and what stands in maildrop is mail_owner's to change at any moment. So
 * a request names a file by its queue ID, its inode and its size, never by a path; the file is opened once, without
 * following a link, and what is done is done by that descriptor; nothing is given away but what is mail_owner's and has
 * one name, and nothing is made root's.
 *
 * Whether the submitter is the right one is for the caller to know: root believes of a journal what the archive says too.
 */

import type { FileStatus, FileSystem } from '../fs/file-system.ts';
import { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } from '../fs/open-flags.ts';
import { refusalOf, unlessErrno } from '../fs/system-error.ts';
import { isGenuineSubmission, restoredMode } from '../queue/mode.ts';
import { parseQueueId } from '../queue/queue-id.ts';
import type { JournalOwner } from './journal.ts';
import { stateDirectory } from './state-directory.ts';

/** One file of maildrop, and whose it is to be. Plain data: it travels to root's process. */
export interface SubmissionRequest {
  readonly queueId: string;
  readonly inode: bigint;
  readonly size: number;
  readonly owner: JournalOwner;
  /** The permission bits that make it ready: those of a genuine submission. */
  readonly mode: number;
  /** There is no sync of the whole file system: the change is to be made durable here, by the descriptor. */
  readonly isSynced?: boolean;
}

/** The exact time of a submission that is its submitter's and ready. */
export interface SubmissionTime extends Omit<SubmissionRequest, 'isSynced'> {
  /** The time that staging set: a file with another one was touched since, and is left alone. Nanoseconds. */
  readonly stagedNs: bigint;
  readonly mtimeNs: bigint;
}

export type SubmissionOutcome =
  /** It is its submitter's now, and ready. */
  | { readonly kind: 'given' }
  /** It was so before. */
  | { readonly kind: 'before' }
  /** No such file stands under the name: it was moved, taken, or never there. */
  | { readonly kind: 'gone' }
  /** It has a second name: pickup(8) would delete it. */
  | { readonly kind: 'linked' }
  /** It is somebody else's, or is no file of a restore: nothing was done. */
  | { readonly kind: 'foreign' }
  /** The system does not let root give it away: nothing was done, and it is mail_owner's still. */
  | { readonly kind: 'refused'; readonly errno: string };

/** The door to root's process, as the carrying out of a journal sees it. Absent: everything stays mail_owner's. */
export interface SubmissionService {
  give(request: SubmissionRequest): SubmissionOutcome;
  setTime(request: SubmissionTime): 'set' | 'left';
  /** Tries with a file of mail_owner's in the state directory whether it could be given to this owner; the errno if not. */
  tryToGive(name: string, owner: JournalOwner): string | undefined;
}

/** What root works on. The queue directory must be root's alone (`isRootsAlone`), so that nobody can lead root elsewhere. */
export interface SubmissionGround {
  readonly fs: FileSystem;
  readonly queueDirectory: string;
  /** The uid whose files root may give away, and no one else's. */
  readonly mailOwner: number;
}

/** All of it in this very process, which must be root. */
export function submissionService(ground: SubmissionGround): SubmissionService {
  return {
    give: (request) => giveSubmission(ground, request),
    setTime: (request) => setSubmissionTime(ground, request),
    tryToGive: (name, owner) => tryToGive(ground, name, owner),
  };
}

/**
 * As root: makes a file of mail_owner's in maildrop its submitter's, and ready, in this order.
 * (restore-crash.test.ts, "a submission that becomes its submitter’s")
 */
export function giveSubmission(ground: SubmissionGround, request: SubmissionRequest): SubmissionOutcome {
  const { fs, mailOwner } = ground;
  const { owner, mode, isSynced } = request;
  const work = (fd: number, status: FileStatus): SubmissionOutcome => {
    if (status.uid === owner.uid && status.mode === mode) {
      return { kind: 'before' };
    }
    // Ready, but mail_owner's: a power loss may have kept the ready bit and undone the change of the owner.
    const isMeant = status.uid === mailOwner || status.uid === owner.uid;
    if (!isMeant || (status.mode !== 0o600 && status.mode !== mode)) {
      return { kind: 'foreign' };
    }
    if (status.links !== 1) {
      return { kind: 'linked' };
    }
    // Root may not give files away without CAP_CHOWN, under root_squash, or to a number outside the user namespace.
    const errno = refusalOf(() => fs.fchown(fd, owner.uid, owner.gid));
    if (errno !== undefined) {
      return { kind: 'refused', errno };
    }
    // Last: from here on it is Postfix's (mail_open_ok.c).
    fs.fchmod(fd, mode);
    if (isSynced === true) {
      fs.fsync(fd);
    }
    return { kind: 'given' };
  };
  return withSubmission<SubmissionOutcome>(ground, request, { refusal: { kind: 'foreign' }, work }) ?? { kind: 'gone' };
}

/** As root: sets the archived time of a submission that nobody has touched since it was made ready. */
export function setSubmissionTime(ground: SubmissionGround, request: SubmissionTime): 'set' | 'left' {
  const { owner, mode, stagedNs, mtimeNs } = request;
  const work = (fd: number, status: FileStatus): 'set' | 'left' => {
    // A later time is qmgr(8)'s or pickup(8)'s.
    const isUntouched = microseconds(status.mtimeNs) === microseconds(stagedNs);
    if (status.uid !== owner.uid || status.mode !== mode || status.links !== 1 || !isUntouched) {
      return 'left';
    }
    ground.fs.futimes(fd, mtimeNs, mtimeNs);
    return 'set';
  };
  return withSubmission<'set' | 'left'>(ground, request, { refusal: 'left', work }) ?? 'left';
}

/** A trial's name in the state directory: nothing else there can be given away. */
const TRIAL_NAME = /^try-[0-9A-Za-z]{1,64}\.tmp$/u;

/**
 * As root: gives a file that mail_owner made for this in the state directory to a submitter, and takes it back. That
 * directory has its name in one that only root can change.
 *
 * @returns the errno of what the system does not allow; undefined where all is well
 */
function tryToGive(
  { fs, queueDirectory, mailOwner }: SubmissionGround,
  name: string,
  owner: JournalOwner,
): string | undefined {
  if (!TRIAL_NAME.test(name) || !(owner.uid > 0)) {
    return 'EINVAL';
  }
  const fd = fs.open(`${stateDirectory(queueDirectory)}/${name}`, OPEN_FLAGS);
  try {
    const { type, uid, gid, links } = fs.fstat(fd);
    if (type !== 'file' || uid !== mailOwner || links !== 1) {
      return 'EINVAL';
    }
    return refusalOf(() => {
      fs.fchown(fd, owner.uid, owner.gid);
      fs.fchown(fd, uid, gid);
    });
  } finally {
    fs.close(fd);
  }
}

const OPEN_FLAGS = O_RDONLY | O_NOFOLLOW | O_NONBLOCK;

/** Calls `work` with the file that a request names; undefined if there is none, `refusal` if the request is not fit. */
function withSubmission<Result>(
  { fs, queueDirectory }: SubmissionGround,
  { queueId, inode, size, owner, mode }: Omit<SubmissionRequest, 'isSynced'>,
  { refusal, work }: { readonly refusal: Result; readonly work: (fd: number, status: FileStatus) => Result },
): Result | undefined {
  const isFit = owner.uid > 0 && isGenuineSubmission(mode) && mode === restoredMode('maildrop', mode);
  if (!isFit || parseQueueId(queueId) === undefined) {
    return refusal;
  }
  // maildrop has no directories in it that mail_owner could make links of.
  const fd = unlessErrno(['ENOENT', 'ELOOP'], () => fs.open(`${queueDirectory}/maildrop/${queueId}`, OPEN_FLAGS));
  if (fd === undefined) {
    return undefined;
  }
  try {
    const status = fs.fstat(fd);
    if (status.inode !== inode || status.size !== size) {
      return undefined;
    }
    return status.type === 'file' ? work(fd, status) : refusal;
  } finally {
    fs.close(fd);
  }
}

/** All that can be set of a time. */
function microseconds(timeNs: bigint): bigint {
  return timeNs / 1000n;
}
