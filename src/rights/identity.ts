/** Who this process is. */

import { OperatorError } from '../errors.ts';
import type { Account } from '../postfix/accounts.ts';

/** The calls of `process` that say who this process is; process has them on POSIX systems. */
export interface ProcessIdentity {
  getuid(): number;
  geteuid(): number;
  getgid(): number;
  getegid(): number;
  getgroups(): number[];
}

function demand<Method>(method: Method | undefined): Method {
  if (method === undefined) {
    throw new OperatorError('unavailable', 'this system has no user numbers: postsnap needs a POSIX system');
  }
  return method;
}

const systemIdentity: ProcessIdentity = {
  getuid: () => demand(process.getuid)(),
  geteuid: () => demand(process.geteuid)(),
  getgid: () => demand(process.getgid)(),
  getegid: () => demand(process.getegid)(),
  getgroups: () => demand(process.getgroups)(),
};

/**
 * Refuses to run as a set-uid or set-gid program, as postsuper.c does by unsafe(): the caller would choose what is read and
 * written with rights that he does not have.
 *
 * @throws OperatorError `not-permitted`
 */
export function refuseSetUid(identity: ProcessIdentity = systemIdentity): void {
  if (identity.getuid() !== identity.geteuid() || identity.getgid() !== identity.getegid()) {
    throw new OperatorError('not-permitted', 'this command must not run as a set-uid or set-gid process', {
      nextStep: 'Take the set-uid and set-gid bits away, and run it as root.',
    });
  }
}

export function isRoot(identity: ProcessIdentity = systemIdentity): boolean {
  return identity.geteuid() === 0;
}

function isUser(uid: number, identity: ProcessIdentity): boolean {
  return identity.geteuid() === uid;
}

/**
 * Refuses to work where others than root and the owner of the queue ask for it.
 *
 * @throws OperatorError `not-permitted`
 */
export function refuseOthers(owner: Account, identity: ProcessIdentity = systemIdentity): void {
  if (!isRoot(identity) && !isUser(owner.uid, identity)) {
    throw new OperatorError('not-permitted', `only root and the owner of the queue (uid ${owner.uid}) may do this`, {
      nextStep: 'Run it as root.',
    });
  }
}

/**
 * Whether this process is the owner and nobody else: no group of anybody else is left to it. libuv says nothing where
 * setgroups(2) is refused.
 */
export function isOnly(owner: Account, identity: ProcessIdentity = systemIdentity): boolean {
  const groups = [identity.getgid(), identity.getegid(), ...identity.getgroups()];
  return (
    identity.getuid() === owner.uid && identity.geteuid() === owner.uid && groups.every((gid) => gid === owner.gid)
  );
}
