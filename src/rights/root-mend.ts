/**
 * What only root can do for a repair: to give back to mail_owner what a copy has made somebody else's, and a submission the
 * mode that lets pickup(8) read it. Whoever asks for it works with mail_owner's rights and may have been taken over. So a
 * request says a place in a queue and an inode, and root itself knows what such a file is to be; no link is followed
 * (open-below.ts), and what is done is done by the descriptor.
 *
 * A hard link in a queue to a file of root's elsewhere would be given away with it: such a file has two names, and is
 * refused. Where fs.protected_hardlinks is off mail_owner can make one and wait until the other name is gone, as when
 * passwd(1) replaces /etc/shadow: there root gives away nothing at all.
 */

import type { FileStatus, FileSystem } from '../fs/file-system.ts';
import { readProcFile } from '../fs/proc-file.ts';
import { errnoOf } from '../fs/system-error.ts';
import type { Account } from '../postfix/accounts.ts';
import { isReady } from '../queue/mode.ts';
import { isQueueName, type QueueName } from '../queue/queue-name.ts';
import { rightfulMode, rightfulOwner } from '../queue/rights.ts';
import { openBelow } from './open-below.ts';

/** Plain data. */
export interface MendRequest {
  readonly kind: 'file' | 'directory';
  /** Below the queue directory. */
  readonly path: string;
  readonly inode: bigint;
  /** Whether a submission that is not ready is to become so: mail_owner has read it, and it is whole. */
  readonly makesReady: boolean;
}

/** @returns the errno of what the system or root refuses; undefined where it was done */
export type QueueMending = (request: MendRequest) => string | undefined;

export interface MendGround {
  readonly fs: FileSystem;
  readonly queueDirectory: string;
  readonly owner: Account;
  /** Whether others than their owners may make hard links to files (proc(5)); undefined: the system does not tell. */
  readonly areLinksProtected?: boolean | undefined;
}

/** All of it in this very process, which must be root. */
export function queueMending(ground: MendGround): QueueMending {
  const { fs, queueDirectory, areLinksProtected = areHardLinksProtected() } = ground;
  return (request) => {
    let fd: number | undefined;
    try {
      fd = openBelow(fs, queueDirectory, { path: request.path, isDirectory: request.kind === 'directory' });
      const status = fs.fstat(fd);
      if (status.inode !== request.inode) {
        return 'ENOENT';
      }
      const opened = { ...ground, areLinksProtected, fd, status };
      return request.kind === 'directory' ? mendDirectory(opened) : mendFile(opened, request);
    } catch (error) {
      const errno = errnoOf(error);
      if (errno === undefined) {
        throw error;
      }
      return errno;
    } finally {
      if (fd !== undefined) {
        fs.close(fd);
      }
    }
  };
}

function areHardLinksProtected(): boolean | undefined {
  const value = readProcFile('/proc/sys/fs/protected_hardlinks')?.trim();
  return value === undefined ? undefined : value !== '0';
}

const OWNER_READS = 0o400;

interface Opened extends MendGround {
  readonly fd: number;
  readonly status: FileStatus;
}

/** Hash directories are mail_owner's, and nobody else enters them (mail_queue.c). */
function mendDirectory({ fs, fd, owner }: Opened): undefined {
  fs.fchown(fd, owner.uid, owner.gid);
  fs.fchmod(fd, 0o700);
}

function mendFile(opened: Opened, { path, makesReady }: MendRequest): string | undefined {
  const { fs, fd, status, owner } = opened;
  const queueName = queueOf(path);
  const { type, links, uid, mode } = status;
  if (queueName === undefined || type !== 'file' || links !== 1) {
    return 'EPERM';
  }
  const wanted = rightfulOwner(queueName, status, owner.uid);
  if (wanted !== uid) {
    if (opened.areLinksProtected !== true) {
      return 'EPERM';
    }
    fs.fchown(fd, owner.uid, owner.gid);
    return undefined;
  }
  // mail_owner can't open his own file to mend its mode.
  if (uid === owner.uid && (mode & OWNER_READS) === 0) {
    fs.fchmod(fd, mode | OWNER_READS);
    return undefined;
  }
  // It stays its submitter's. mail_owner changes the modes of his own files himself.
  if (queueName === 'maildrop' && uid !== owner.uid && (isReady(mode) || makesReady)) {
    fs.fchmod(fd, rightfulMode(queueName, status, owner.uid));
  }
  return undefined;
}

function queueOf(path: string): QueueName | undefined {
  const [queue = ''] = path.split('/');
  return isQueueName(queue) ? queue : undefined;
}
