/**
 * Owners and modes of files, and the directories that they are in: each is one call on one file, done by its descriptor, and
 * the next run does what this one was kept from.
 */

import type { FileSystem } from '../fs/file-system.ts';
import { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } from '../fs/open-flags.ts';
import { errnoOf } from '../fs/system-error.ts';
import { isReady } from '../queue/mode.ts';
import { rightfulOwner } from '../queue/rights.ts';
import type { QueueMending } from '../rights/root-mend.ts';
import type { RightsOrder } from './orders.ts';

const OWNER_READS = 0o400;

export interface MendingGround {
  readonly fs: FileSystem;
  readonly queueDirectory: string;
  readonly mailOwner: number;
  /** Absent: nobody can change owners. */
  readonly mending: QueueMending | undefined;
}

/** Gives a file its owner, then its mode. @returns why not */
export function mendRights(ground: MendingGround, order: RightsOrder): string | undefined {
  const { file, uid, mode } = order;
  const { mailOwner, mending } = ground;
  if (uid === file.status.uid && mode === file.status.mode) {
    return undefined;
  }
  if (uid === file.status.uid && uid !== rightfulOwner(file.queueName, file.status, mailOwner)) {
    return 'its owner must be changed first';
  }
  const isOthers = file.status.uid !== mailOwner;
  if (isOthers) {
    const makesReady = isReady(mode) && !isReady(file.status.mode);
    const request = { kind: 'file', path: file.path, inode: file.status.inode, makesReady } as const;
    const failure = mending === undefined ? 'EPERM' : mending(request);
    if (failure !== undefined) {
      return failure;
    }
  }
  if (!isOthers && (file.status.mode & OWNER_READS) === 0 && mending !== undefined) {
    const failure = mending({ kind: 'file', path: file.path, inode: file.status.inode, makesReady: false });
    if (failure !== undefined) {
      return failure;
    }
  }
  return uid === mailOwner && mode !== file.status.mode ? changeMode(ground, order) : undefined;
}

function changeMode({ fs, queueDirectory, mailOwner }: MendingGround, { file, mode }: RightsOrder): string | undefined {
  try {
    const fd = fs.open(`${queueDirectory}/${file.path}`, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    try {
      const { type, inode, uid, links } = fs.fstat(fd);
      // With two names pickup(8) would delete what is made ready.
      if (type !== 'file' || inode !== file.status.inode || uid !== mailOwner || links !== 1) {
        return 'ESTALE';
      }
      fs.fchmod(fd, mode);
      return undefined;
    } finally {
      fs.close(fd);
    }
  } catch (error) {
    return failureOf(error);
  }
}

/**
 * What the system refuses for one file, is no reason to leave the others.
 *
 * @throws what is no refusal of the system
 */
export function failureOf(error: unknown): string {
  const errno = errnoOf(error);
  if (errno === undefined || ['EIO', 'EROFS', 'ENOSPC', 'EDQUOT'].includes(errno)) {
    throw error;
  }
  return errno;
}
