/**
 * Whose the directories and files of a queue are to be, and with which permission bits. Authority: conf/postfix-files (what
 * `postfix check` makes), mail_queue.c, postdrop.c, pickup.c, qmgr_message.c (a file that is not mail_owner's stops qmgr(8)).
 */

import { isGenuineSubmission, isReady, restoredMode } from './mode.ts';
import { isLogQueueName, type QueueName } from './queue-name.ts';

/** Numbers of this system. */
export interface QueueOwners {
  /** mail_owner. */
  readonly uid: number;
  /** mail_owner's own group. */
  readonly gid: number;
  /** setgid_group. */
  readonly setgidGroup: number;
}

/** Whose directories are; a setgid_group that this system does not know is not looked at. */
export interface DirectoryOwners {
  readonly uid: number;
  readonly setgidGroup: number | undefined;
}

export interface DirectoryRights {
  readonly uid: number;
  /** Undefined where Postfix looks at no group. */
  readonly gid: number | undefined;
  readonly mode: number;
}

type Owner = 'mail_owner' | 'root';

interface DirectoryRow {
  readonly name: string;
  readonly owner: Owner;
  /** Whether it is setgid_group's: postdrop(1) and postqueue(1) get into it by their group. */
  readonly isSetgid: boolean;
  readonly mode: number;
}

const own = (name: string): DirectoryRow => ({ name, owner: 'mail_owner', isSetgid: false, mode: 0o700 });

/** The directories of every queue directory, as conf/postfix-files has them. */
const DIRECTORIES: readonly DirectoryRow[] = [
  ...['active', 'bounce', 'corrupt', 'defer', 'deferred', 'flush', 'hold', 'incoming', 'private', 'saved'].map(own),
  { name: 'maildrop', owner: 'mail_owner', isSetgid: true, mode: 0o730 },
  { name: 'public', owner: 'mail_owner', isSetgid: true, mode: 0o710 },
  { name: 'pid', owner: 'root', isSetgid: false, mode: 0o755 },
  own('trace'),
];

/** Their names. */
export const QUEUE_DIRECTORIES: readonly string[] = DIRECTORIES.map(({ name }) => name);

/** What one of the directories is to be; undefined for any other name. */
export function directoryRights(name: string, owners: DirectoryOwners): DirectoryRights | undefined {
  const row = DIRECTORIES.find((one) => one.name === name);
  if (row === undefined) {
    return undefined;
  }
  const uid = row.owner === 'root' ? 0 : owners.uid;
  return { uid, gid: row.isSetgid ? owners.setgidGroup : undefined, mode: row.mode };
}

/** What the queue directory itself is to be: root's, so that nobody can put another directory in a queue's place. */
export const QUEUE_DIRECTORY_RIGHTS: DirectoryRights = { uid: 0, gid: undefined, mode: 0o755 };

/** What a hash directory is to be (mail_queue.c, make_dirs). */
export function hashDirectoryRights({ uid }: Pick<DirectoryOwners, 'uid'>): DirectoryRights {
  return { uid, gid: undefined, mode: 0o700 };
}

/** Whether a directory has the owner, group and mode that it is to have. */
export function hasRights(
  { uid, gid, mode }: { readonly uid: number; readonly gid: number; readonly mode: number },
  wanted: DirectoryRights,
): boolean {
  return uid === wanted.uid && (wanted.gid === undefined || gid === wanted.gid) && mode === wanted.mode;
}

/** The owner and mode of a file in a queue. */
export interface FileRights {
  readonly uid: number;
  readonly mode: number;
}

/** qmgr(8) takes g+r for the request to forget about dead destinations, and takes it away (MAIL_QUEUE_STAT_UNTHROTTLE). */
const UNTHROTTLE = 0o740;
const FORCED_EXPIRY = 0o710;

/**
 * The owner that a queue file is to have. In maildrop a submission is its submitter's. What root owns there without o+r was
 * mail_owner's: a copy has made it root's, and pickup(8) can't open it.
 */
export function rightfulOwner(queueName: QueueName, { uid, mode }: FileRights, mailOwner: number): number {
  const isSubmitters = queueName === 'maildrop' && (uid !== 0 || isGenuineSubmission(mode));
  return isSubmitters ? uid : mailOwner;
}

/**
 * The mode that a whole queue file is to have, by the owner that it has or is given. What Postfix itself sets is left as it
 * is; anything else was set by somebody else.
 */
export function rightfulMode(queueName: QueueName, { uid, mode }: FileRights, mailOwner: number): number {
  const bits = mode & 0o7777;
  if (isLogQueueName(queueName)) {
    return 0o600;
  }
  if (queueName !== 'maildrop') {
    const isPostfixs = bits === UNTHROTTLE || bits === FORCED_EXPIRY;
    return isPostfixs ? bits : restoredMode(queueName, mode);
  }
  const isRequeued = uid === mailOwner && isReady(mode) && !isGenuineSubmission(mode) && bits <= 0o777;
  // Without o+r pickup(8) could not open what is its submitter's.
  return isRequeued ? bits : 0o744;
}
