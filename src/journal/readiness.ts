/** The last steps of a restored message: the ready bit, which makes it Postfix's, and then its exact time. */

import { SystemError } from '../errors.ts';
import type { FileStatus } from '../fs/file-system.ts';
import { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } from '../fs/open-flags.ts';
import { errnoOf, unlessErrno } from '../fs/system-error.ts';
import type { MessageQueueName } from '../queue/queue-name.ts';
import type { JournalEntry, JournalOwner } from './journal.ts';
import { finalPath, type PlacementTarget } from './placement.ts';
import { stagedTime } from './staged-file.ts';
import type { SubmissionService } from './submission.ts';

/**
 * Makes a message ready. From here on it is Postfix's.
 *
 * @param durability - 'each': there is no sync of the whole file system, so the ready bit is made durable here, by the
 *   descriptor: a name may lead nowhere soon, since Postfix renames what is ready
 * @returns 'beyond' if it is ready already, or gone since Postfix had it; 'kept' if it is ready, and mail_owner's, since
 *   the system does not let root give it away
 */
export function makeReady(
  target: PlacementTarget,
  entry: JournalEntry,
  durability: 'whole' | 'each',
): 'ready' | 'beyond' | 'kept' {
  const submission = submissionOf(target, entry);
  const outcome = submission === undefined ? undefined : giveAway(submission, entry, durability);
  if (outcome !== undefined) {
    return outcome;
  }
  const own = makeOwnReady(target, entry, durability);
  return own === 'ready' && submission !== undefined ? 'kept' : own;
}

function makeOwnReady(target: PlacementTarget, entry: JournalEntry, durability: 'whole' | 'each'): 'ready' | 'beyond' {
  const { fs } = target;
  const attempt = ({ fd, status }: OpenFile): 'ready' | 'beyond' => {
    const isUnready = status.mode === 0o600;
    if (isUnready) {
      refuseSecondLink(status.links, entry);
      fs.fchmod(fd, entry.mode);
    }
    if (durability === 'each') {
      fs.fsync(fd);
    }
    return isUnready ? 'ready' : 'beyond';
  };
  for (const queue of [entry.new_queue_name, ...laterPlaces(entry.new_queue_name)]) {
    const path = finalPath(target, queue, entry.new_queue_id);
    const open = (): 'ready' | 'beyond' | undefined => withFile(target, { path, entry }, attempt);
    const outcome = asItIs(path, entry, open);
    if (outcome !== undefined) {
      return outcome;
    }
  }
  return 'beyond';
}

interface Submission {
  readonly owner: JournalOwner;
  readonly service: SubmissionService;
}

/** @returns undefined where the system does not let root give it away: then it stays mail_owner's */
function giveAway(
  { owner, service }: Submission,
  entry: JournalEntry,
  durability: 'whole' | 'each',
): 'ready' | 'beyond' | undefined {
  const { new_queue_id: queueId, inode, size, mode } = entry;
  const { kind } = service.give({ queueId, inode, size, mode, owner, isSynced: durability === 'each' });
  switch (kind) {
    case 'given':
      return 'ready';
    case 'before':
    case 'gone':
      return 'beyond';
    case 'linked':
      return refuseSecondLink(2, entry);
    case 'foreign':
      return refuseForeign(entry);
    case 'refused':
      return undefined;
  }
}

/**
 * A message that becomes its submitter's, as only root can make it. The journal is mail_owner's, and may be forged: root
 * believes it where the archive says the same.
 */
function submissionOf({ submitters }: PlacementTarget, entry: JournalEntry): Submission | undefined {
  const { owner, new_queue_name } = entry;
  if (owner === undefined || owner.uid === 0 || new_queue_name !== 'maildrop' || submitters?.isProven(entry) !== true) {
    return undefined;
  }
  return { owner, service: submitters.service };
}

/** Whether a message stays mail_owner's because nothing but its journal says whose it was. */
export function staysMailOwners(target: PlacementTarget, entry: JournalEntry): boolean {
  return entry.owner !== undefined && submissionOf(target, entry) === undefined;
}

/** What was given to its submitter by a run that was cut off right then is not mail_owner's to open. */
function asItIs<Result>(path: string, { owner }: JournalEntry, open: () => Result): Result {
  try {
    return open();
  } catch (error) {
    if (owner === undefined || errnoOf(error) !== 'EACCES') {
      throw error;
    }
    throw new SystemError('refused', `${path} was being given to its submitter when a restore was cut off`, {
      path,
      errno: 'EACCES',
      nextStep: 'Finish that restore first: run it again as root, with the archive that it was begun with.',
    });
  }
}

/**
 * Where qmgr(8) may have moved a message that was ready before a power loss: its rename may have reached the disk
 * without the ready bit. Incoming is the last: at its start qmgr(8) moves there what is in active, ready or not
 * (qmgr_move.c).
 */
function laterPlaces(queue: MessageQueueName): readonly MessageQueueName[] {
  return queue === 'incoming' || queue === 'deferred' || queue === 'hold' ? ['deferred', 'active', 'incoming'] : [];
}

const OPEN_FLAGS = O_RDONLY | O_NOFOLLOW | O_NONBLOCK;

interface OpenFile {
  readonly fd: number;
  readonly status: FileStatus;
}

/** Calls `work` if the name is that of the entry's own file; returns undefined otherwise. */
function withFile<Result>(
  { fs }: PlacementTarget,
  { path, entry }: { readonly path: string; readonly entry: JournalEntry },
  work: (file: OpenFile) => Result,
): Result | undefined {
  const fd = unlessErrno(['ENOENT'], () => fs.open(path, OPEN_FLAGS));
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

function refuseSecondLink(links: number, { new_queue_name, new_queue_id }: JournalEntry): undefined {
  if (links !== 1) {
    const path = `${new_queue_name}/${new_queue_id}`;
    throw new SystemError('refused', `${path} has ${links} names instead of one; pickup(8) would delete it`, {
      path,
      errno: 'EMLINK',
      nextStep:
        'Over NFS a .nfsXXXX file may stand for a name that is still open: run the same command again in a minute.',
    });
  }
}

/** Root gives nothing away but what is mail_owner's, whatever stands under the name. */
function refuseForeign({ new_queue_name, new_queue_id }: JournalEntry): never {
  const path = `${new_queue_name}/${new_queue_id}`;
  throw new SystemError('refused', `${path} is not mail_owner's, and was not made by this restore`, {
    path,
    errno: 'EPERM',
    nextStep: 'Find out who put it there, and move it away.',
  });
}

/**
 * Sets the archived time, where staging had to set a later one. To be called when the ready bit is durable: an unready
 * file with an old time is what `postsuper -p` deletes at every start and reload.
 */
export function setExactTime(target: PlacementTarget, entry: JournalEntry, nowNs: bigint): void {
  const { mtimeNs } = entry;
  if (mtimeNs === undefined) {
    return;
  }
  const stagedNs = stagedTime(mtimeNs, nowNs);
  const submission = submissionOf(target, entry);
  if (submission !== undefined) {
    const { new_queue_id: queueId, inode, size, mode } = entry;
    const { owner, service } = submission;
    service.setTime({ queueId, inode, size, mode, owner, stagedNs, mtimeNs });
    return;
  }
  const path = finalPath(target, entry.new_queue_name, entry.new_queue_id);
  withFile(target, { path, entry }, ({ fd, status }) => {
    // A later time is qmgr(8)'s: when it will try again.
    const isOurs = status.uid !== entry.owner?.uid && status.mode === entry.mode;
    if (isOurs && microseconds(status.mtimeNs) <= microseconds(stagedNs)) {
      target.fs.futimes(fd, mtimeNs, mtimeNs);
    }
  });
}

/** All that can be set of a time. */
function microseconds(timeNs: bigint): bigint {
  return timeNs / 1000n;
}
