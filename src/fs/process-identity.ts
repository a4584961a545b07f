/** What tells a process from every other one, and whether it is alive. */

import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { errnoOf, unlessRefused } from './system-error.ts';

/** A process, told apart from every other one: a pid alone is given away again, and each host and container has its own. */
export interface ProcessIdentity {
  readonly host: string;
  /** machine-id(5): two hosts may have the same name. Empty where there is none. */
  readonly machine: string;
  readonly pid: number;
  /** Changes with each start of the system. Empty where there is no /proc. */
  readonly bootId: string;
  /** The namespace in which the pid holds, namespaces(7). Empty where there is none. */
  readonly pidNamespace: string;
  /** Clock ticks after boot, proc_pid_stat(5), field 22. Empty where there is no /proc. */
  readonly startTime: string;
}

export type Liveness =
  | 'alive'
  | 'dead'
  /** It runs, or ran, where it can't be seen from here. */
  | 'unknown';

function readOr(path: string, fallback: string): string {
  return unlessRefused(() => readFileSync(path, 'latin1').trim()) ?? fallback;
}

function pidNamespace(): string {
  return unlessRefused(() => readlinkSync('/proc/self/ns/pid')) ?? '';
}

/** State and start time of a process; undefined if it can't be read: it is gone, hidden (hidepid), or there is no /proc. */
function readStat(pid: number): { readonly state: string; readonly startTime: string } | undefined {
  const text = readOr(`/proc/${pid}/stat`, '');
  // The second field is the command in parentheses, and may hold anything, spaces and parentheses too.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, startTime] = [fields[0], fields[19]];
  return text === '' || state === undefined || startTime === undefined ? undefined : { state, startTime };
}

/** Who a process of this host is; by default this one. */
export function identifyProcess(pid: number = process.pid): ProcessIdentity {
  return {
    host: hostname(),
    machine: readOr('/etc/machine-id', ''),
    pid,
    bootId: readOr('/proc/sys/kernel/random/boot_id', ''),
    pidNamespace: pidNamespace(),
    startTime: readStat(pid)?.startTime ?? '',
  };
}

/** Whether there is a process with that pid: EPERM says that there is one, of another user. */
function pidExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errnoOf(error) !== 'ESRCH';
  }
}

/**
 * Whether a process still runs, as `observer`, a process of this host, can tell. 'dead' is certain.
 *
 * Where /proc is hidden or not there, the start time can't be compared, and a pid that was given to another process counts as
 * alive: a lock that is kept too long asks for a look (its message names the file to remove), one that is broken costs mail.
 * So does what ran before the last start of a system without a machine-id(5), as many containers are: see below.
 * Root sees all of /proc whatever hidepid says (proc(5)).
 */
export function livenessOf(subject: ProcessIdentity, observer: ProcessIdentity): Liveness {
  if (subject.host !== observer.host || subject.machine !== observer.machine) {
    return 'unknown';
  }
  if (subject.bootId !== observer.bootId) {
    // Without a machine-id another system of the same name, as of two containers, looks like an earlier start of this one.
    return observer.machine === '' ? 'unknown' : 'dead';
  }
  if (subject.pidNamespace !== observer.pidNamespace) {
    return 'unknown';
  }
  if (!pidExists(subject.pid)) {
    return 'dead';
  }
  const stat = readStat(subject.pid);
  const isAnother = stat !== undefined && subject.startTime !== '' && stat.startTime !== subject.startTime;
  const hasEnded = stat?.state === 'Z' || stat?.state === 'X';
  return isAnother || hasEnded ? 'dead' : 'alive';
}
