/**
 * The name of a temporary file that says which process writes it: `.NAME.PID-START-SYSTEM-BOOT-SPACE-RANDOM.tmp`. So what
 * a killed run left is known for what it is, though a pid is given away again, and though another host may write into the
 * same directory. (A file without a name, O_TMPFILE, would leave nothing. But it gets its name by linkat(2) with
 * AT_SYMLINK_FOLLOW only, which Node.js has not, and NFS has no such files.)
 */

import { createHash } from 'node:crypto';
import type { ProcessIdentity } from './process-identity.ts';

const DIGITS = 8;
const MARK = /^(\d{1,10})-(\d{0,20})-([0-9a-f]{8})-([0-9a-f]{8})-([0-9a-f]{8})-[0-9a-f]{12}$/u;
const TEMPORARY_NAME = /^\..+\.([-0-9a-f]+)\.tmp$/su;

/** Names need no secret, but two systems must not have the same. */
function digest(...texts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(texts)).digest('hex').slice(0, DIGITS);
}

function systemDigest({ host, machine }: ProcessIdentity): string {
  return digest(host, machine);
}

/**
 * What stands for a process in the name of a file that it writes.
 *
 * @param random - 12 hexadecimal digits, others at each call
 */
export function encodeMark(owner: ProcessIdentity, random: string): string {
  const { pid, startTime, bootId, pidNamespace } = owner;
  return [pid, startTime, systemDigest(owner), digest(bootId), digest(pidNamespace), random].join('-');
}

/**
 * Who writes, or wrote, the file with this name. What can't be told from a digest is told as it is for `observer` where the
 * digests are equal, and else as nothing at all.
 *
 * @returns undefined for a name that is not of this form
 */
export function decodeMarkedName(name: string, observer: ProcessIdentity): ProcessIdentity | undefined {
  const [, mark = ''] = TEMPORARY_NAME.exec(name) ?? [];
  const [, pid, startTime, system, boot, space] = MARK.exec(mark) ?? [];
  if (pid === undefined || startTime === undefined) {
    return undefined;
  }
  const isHere = system === systemDigest(observer);
  return {
    host: isHere ? observer.host : `not ${observer.host}`,
    machine: observer.machine,
    pid: Number(pid),
    startTime,
    bootId: boot === digest(observer.bootId) ? observer.bootId : `not ${observer.bootId}`,
    pidNamespace: space === digest(observer.pidNamespace) ? observer.pidNamespace : `not ${observer.pidNamespace}`,
  };
}
