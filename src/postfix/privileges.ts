import { OperatorError } from '../errors.ts';
import type { Account } from './accounts.ts';

/** The calls of `process` that change who this process is; process has them on POSIX systems. */
export interface ProcessCredentials {
  getuid(): number;
  geteuid(): number;
  getgid(): number;
  getegid(): number;
  getgroups(): number[];
  setgroups(groups: readonly number[]): void;
  setegid(gid: number): void;
  seteuid(uid: number): void;
}

function demand<Method>(method: Method | undefined): Method {
  if (method === undefined) {
    throw new OperatorError('unavailable', 'this system has no user numbers: postsnap needs a POSIX system');
  }
  return method;
}

const systemCredentials: ProcessCredentials = {
  getuid: () => demand(process.getuid)(),
  geteuid: () => demand(process.geteuid)(),
  getgid: () => demand(process.getgid)(),
  getegid: () => demand(process.getegid)(),
  getgroups: () => demand(process.getgroups)(),
  setgroups: (groups) => demand(process.setgroups)(groups),
  setegid: (gid) => demand(process.setegid)(gid),
  seteuid: (uid) => demand(process.seteuid)(uid),
};

/**
 * Refuses to run as a set-uid or set-gid program, as postsuper.c does by unsafe(): the caller would choose what is read and
 * written with rights that he does not have.
 *
 * @throws OperatorError 'not-permitted'
 */
export function refuseSetUid(credentials: ProcessCredentials = systemCredentials): void {
  if (credentials.getuid() !== credentials.geteuid() || credentials.getgid() !== credentials.getegid()) {
    throw new OperatorError('not-permitted', 'this command must not run as a set-uid or set-gid process', {
      nextStep: 'Take the set-uid and set-gid bits away, and run it as root.',
    });
  }
}

/**
 * Does synchronous work with the effective rights of the queue's owner: no supplementary groups, then the group, then the
 * user, in this order since only root may change groups (postsuper.c, set_ugid.c; set_eugid.c for the way back). Whoever
 * has taken over that account can't lead root elsewhere then, and new files have the owner that Postfix demands.
 *
 * Node changes all threads of the process at once: no worker may be running meanwhile, and nothing asynchronous may go on.
 *
 * @throws OperatorError 'not-permitted' for others than root and the owner
 */
export function asOwner<Result>(
  owner: Account,
  work: () => Result extends PromiseLike<unknown> ? never : Result,
  credentials: ProcessCredentials = systemCredentials,
): Result {
  const restore = becomeOwner(owner, credentials);
  try {
    return work();
  } finally {
    restore();
  }
}

/** As {@link asOwner}, for work that waits. All that the process does until it ends is done as the owner. */
export async function asOwnerUntil<Result>(
  owner: Account,
  work: () => Promise<Result>,
  credentials: ProcessCredentials = systemCredentials,
): Promise<Result> {
  const restore = becomeOwner(owner, credentials);
  try {
    return await work();
  } finally {
    restore();
  }
}

/**
 * Within {@link asOwner}: one synchronous call with root's rights, and back. For what only root may do to a file that is
 * open already, or whose directory only root can change; never for a path that the owner could lead elsewhere. Within such
 * a call another one changes nothing.
 */
export function asRoot<Result>(call: () => Result, credentials: ProcessCredentials = systemCredentials): Result {
  const owner = credentials.geteuid();
  if (owner === 0) {
    return call();
  }
  credentials.seteuid(0);
  try {
    return call();
  } finally {
    credentials.seteuid(owner);
  }
}

/** Whether {@link asRoot} can be had. */
export function isRoot(credentials: ProcessCredentials = systemCredentials): boolean {
  return credentials.getuid() === 0;
}

/** Takes on the rights of the owner; returns what gives the former ones back. */
function becomeOwner(owner: Account, credentials: ProcessCredentials): () => void {
  const before = { uid: credentials.geteuid(), gid: credentials.getegid(), groups: credentials.getgroups() };
  if (before.uid === owner.uid) {
    return () => {};
  }
  if (before.uid !== 0) {
    throw new OperatorError('not-permitted', `only root and the owner of the queue (uid ${owner.uid}) may do this`, {
      nextStep: 'Run it as root.',
    });
  }
  const restore = (): void => {
    // Root first: nobody else may set groups.
    credentials.seteuid(before.uid);
    credentials.setegid(before.gid);
    credentials.setgroups(before.groups);
    verify(credentials, before);
  };
  try {
    credentials.setgroups([]);
    credentials.setegid(owner.gid);
    credentials.seteuid(owner.uid);
    verify(credentials, { ...owner, groups: [] });
  } catch (error) {
    restore();
    throw error;
  }
  return restore;
}

function verify(
  credentials: ProcessCredentials,
  wanted: { readonly uid: number; readonly gid: number; readonly groups: readonly number[] },
): void {
  // getgroups(2): whether the effective group is among them is left to the system, and Node always adds it.
  const groupsOf = (groups: readonly number[]) => [...new Set([...groups, wanted.gid])].sort((a, b) => a - b).join(' ');
  const isAsWanted =
    credentials.geteuid() === wanted.uid &&
    credentials.getegid() === wanted.gid &&
    groupsOf(credentials.getgroups()) === groupsOf(wanted.groups);
  if (!isAsWanted) {
    throw new Error(`the system did not take on uid ${wanted.uid}, gid ${wanted.gid} and their groups`);
  }
}
