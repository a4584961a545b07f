/** The last steps of a restored message: its staged name goes, then comes the ready bit, which makes it Postfix's, and then its exact time. */

import { SystemError } from '../errors.ts';
import type { FileStatus } from '../fs/file-system.ts';
import { safeUnlink } from '../fs/nfs-safe.ts';
import { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } from '../fs/open-flags.ts';
import { isSameFile } from '../fs/same-file.ts';
import { unlessErrno } from '../fs/system-error.ts';
import type { Place } from '../queue/place.ts';
import type { JournalEntry, JournalOwner } from './journal.ts';
import type { CurrentEntry } from './journal-file.ts';
import { finalPath, type PlacementTarget, stagedPath } from './placement.ts';
import { isInQueue } from './state-directory.ts';
import type { SubmissionService } from './submission.ts';
import { isAtItsPlace, isUnready, sightsByName } from './whereabouts.ts';

/**
 * Takes away the staged name of a message, which has its own name durably by now.
 * (restore-order.test.ts, "staged messages dropped with the link")
 *
 * @returns where it stands: an administrator may have put everything on hold meanwhile; undefined if it stands nowhere but
 *   in its staged place, which is left to it
 */
export function dropStagedMessage(target: PlacementTarget, current: CurrentEntry): Place | undefined {
  const { entry } = current;
  const { newQueueName: queueName, newQueueId: queueId } = entry;
  const place = isThere(target, entry)
    ? { queueName, queueId }
    : sightsByName(target, current).find((sight) => isAtItsPlace(target, sight));
  if (place !== undefined && isSuperfluous(target, entry, place)) {
    safeUnlink(target.fs, stagedPath(target, entry));
  }
  return place;
}

/** In a queue anybody may have put another file in its place, and changed hash directories may make it the right one. */
function isSuperfluous(target: PlacementTarget, entry: JournalEntry, { queueName, queueId }: Place): boolean {
  const staged = stagedPath(target, entry);
  const isItself = !isInQueue(entry.from) || target.fs.lstat(staged)?.inode === entry.inode;
  return isItself && staged !== finalPath(target, queueName, queueId);
}

/**
 * Takes away the names that logs had in a queue before: Postfix would take them for another message's. To be called when the
 * message has lost its own; those that were staged go with the staging directory.
 * (repair-crash.test.ts, "a repair that is cut off at every call and run again")
 */
export function dropOldLogNames(target: PlacementTarget, entry: JournalEntry): void {
  const { fs } = target;
  for (const log of entry.logs.filter(({ from }) => isInQueue(from))) {
    const old = stagedPath(target, log);
    const own = finalPath(target, log.queueName, entry.newQueueId);
    if (old !== own && isSameFile(fs.lstat(old), fs.lstat(own))) {
      safeUnlink(fs, old);
    }
  }
}

function isThere(target: PlacementTarget, entry: JournalEntry): boolean {
  const status = target.fs.lstat(finalPath(target, entry.newQueueName, entry.newQueueId));
  return status?.type === 'file' && status.inode === entry.inode;
}

/** What became of the ready bit. */
export type Readiness =
  | 'ready'
  /** It was ready before. */
  | 'before'
  /** It is ready, and mail_owner's: only root could make it its submitter's. */
  | 'kept'
  /** It is not where it should be, or has a second name. */
  | 'astray';

/**
 * Makes a message ready. From here on it is Postfix's.
 *
 * @param durability - 'each': there is no sync of the whole file system, so the ready bit is made durable here, by the
 *   descriptor: a name may lead nowhere soon, since Postfix renames what is ready
 *   (restore-order.test.ts, "a ready bit that is synced by its name")
 */
export function makeReady(target: PlacementTarget, entry: JournalEntry, durability: 'whole' | 'each'): Readiness {
  const giving = givingOf(target, entry);
  const given = giving === undefined ? undefined : giveAway(giving, entry, durability);
  if (given !== undefined) {
    return given;
  }
  const own = makeOwnReady(target, entry, durability);
  return own === 'ready' && entry.owner !== undefined ? 'kept' : own;
}

function makeOwnReady(target: PlacementTarget, entry: JournalEntry, durability: 'whole' | 'each'): Readiness {
  const { fs } = target;
  const attempt = ({ fd, status }: OpenFile): Readiness => {
    if (isUnready(status)) {
      if (status.links !== 1) {
        return 'astray';
      }
      fs.fchmod(fd, readyMode(entry));
    }
    if (durability === 'each') {
      fs.fsync(fd);
    }
    return isUnready(status) ? 'ready' : 'before';
  };
  const path = finalPath(target, entry.newQueueName, entry.newQueueId);
  return withFile(target, { path, entry }, attempt) ?? 'astray';
}

/** Open to others is nothing but a submission in maildrop. */
function readyMode({ newQueueName, mode }: JournalEntry): number {
  return newQueueName === 'maildrop' ? mode : mode & ~0o044;
}

/** How a genuine submission becomes its submitter's. */
interface Giving {
  readonly owner: JournalOwner;
  readonly service: SubmissionService;
}

/** @returns undefined where the system does not let root give it away: then it stays mail_owner's */
function giveAway(
  { owner, service }: Giving,
  entry: JournalEntry,
  durability: 'whole' | 'each',
): Readiness | undefined {
  const { newQueueId: queueId, inode, size, mode } = entry;
  const { kind } = service.give({ queueId, inode, size, mode, owner, isSynced: durability === 'each' });
  switch (kind) {
    case 'given':
      return 'ready';
    case 'before':
      return 'before';
    case 'gone':
    case 'linked':
      return 'astray';
    case 'foreign':
      throw foreign(entry);
    case 'refused':
      return undefined;
  }
}

/**
 * A message that becomes its submitter's, as only root can make it. The journal is mail_owner's, and may be forged: root
 * believes it where the archive says the same.
 */
function givingOf({ submitters }: PlacementTarget, entry: JournalEntry): Giving | undefined {
  const { owner, newQueueName } = entry;
  if (owner === undefined || owner.uid === 0 || newQueueName !== 'maildrop' || submitters?.isProven(entry) !== true) {
    return undefined;
  }
  return { owner, service: submitters.service };
}

const OPEN_FLAGS = O_RDONLY | O_NOFOLLOW | O_NONBLOCK;

interface OpenFile {
  readonly fd: number;
  readonly status: FileStatus;
}

interface PlacedFileName {
  readonly path: string;
  readonly entry: JournalEntry;
  /** What open(2) may say without being at fault. */
  readonly refusals?: readonly string[];
}

/** Calls `work` if the name is that of the entry's own file; returns undefined otherwise. */
function withFile<Result>(
  { fs }: PlacementTarget,
  { path, entry, refusals = ['ENOENT'] }: PlacedFileName,
  work: (file: OpenFile) => Result,
): Result | undefined {
  const fd = unlessErrno(refusals, () => fs.open(path, OPEN_FLAGS));
  if (fd === undefined) {
    return undefined;
  }
  try {
    const status = fs.fstat(fd);
    return status.inode === entry.inode && status.size === entry.size ? work({ fd, status }) : undefined;
  } finally {
    fs.close(fd);
  }
}

/** Root gives nothing away but what is mail_owner's, whatever stands under the name. */
function foreign({ newQueueName, newQueueId }: JournalEntry): SystemError {
  const path = `${newQueueName}/${newQueueId}`;
  return new SystemError('refused', `${path} is not mail_owner's, and was not made by this restore`, {
    path,
    errno: 'EPERM',
    nextStep: 'Find out who put it there, and move it away.',
  });
}

/**
 * Sets the archived time, where staging had to set a later one. To be called when the ready bit is durable: an unready
 * file with an old time is what `postsuper -p` deletes at every start and reload.
 * (restore-order.test.ts, "an old time with the ready bit")
 */
export function setExactTime(target: PlacementTarget, entry: JournalEntry): void {
  const { times } = entry;
  if (times === undefined) {
    return;
  }
  const giving = givingOf(target, entry);
  if (giving !== undefined) {
    const { newQueueId: queueId, inode, size, mode } = entry;
    const { owner, service } = giving;
    service.setTime({ queueId, inode, size, mode, owner, ...times });
    return;
  }
  const path = finalPath(target, entry.newQueueName, entry.newQueueId);
  const work = ({ fd, status }: OpenFile): void => {
    // Another time is qmgr(8)'s, when it will try again, or postsuper(1)'s. The clock is not asked: it may have gone back.
    const isUntouched = microseconds(status.mtimeNs) === microseconds(times.stagedNs);
    if (status.uid !== entry.owner?.uid && status.mode === readyMode(entry) && isUntouched) {
      target.fs.futimes(fd, times.mtimeNs, times.mtimeNs);
    }
  };
  // What became its submitter's is not mail_owner's to open.
  withFile(target, { path, entry, refusals: ['ENOENT', 'EACCES'] }, work);
}

/** All that can be set of a time. */
function microseconds(timeNs: bigint): bigint {
  return timeNs / 1000n;
}
