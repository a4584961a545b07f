/** The exit statuses, and the status that each error has. */

import {
  ArchiveError,
  type ArchiveErrorCode,
  BusyError,
  type BusyErrorCode,
  InterruptedError,
  OperatorError,
  type OperatorErrorCode,
  type PostsnapError,
  SystemError,
  type SystemErrorCode,
} from '../../errors.ts';
import { errnoOf, systemErrorCode } from '../../fs/system-error.ts';

/** All of it was done. */
export const DONE = 0;
/** Done, but something was left out; each is named on stderr and in the JSON. */
export const LEFT_OUT = 1;
/** EX_USAGE of sysexits.h: the command line is wrong. */
export const USAGE = 64;
/** EX_DATAERR: the archive is damaged. */
export const DAMAGED = 65;
/** EX_SOFTWARE: a bug in postsnap. */
const BUG = 70;
/** EX_CONFIG: a configuration is unusable. */
export const UNCONFIGURED = 78;
/** EX_IOERR: a read or write error. */
export const IO_ERROR = 74;

/** The status of each foreseen error: sysexits.h, as sendmail(1) and postqueue(1) use it. */
const STATUS_BY_CODE = {
  ArchiveError: {
    damaged: DAMAGED,
    incomplete: DAMAGED,
    hostile: DAMAGED,
    'unknown-version': DAMAGED,
    foreign: DAMAGED,
  },
  OperatorError: {
    usage: USAGE,
    'not-found': 66,
    unavailable: 69,
    'output-exists': 73,
    'not-permitted': 77,
    configuration: UNCONFIGURED,
  },
  BusyError: { locked: 75, 'restore-unfinished': 75, 'postfix-running': 75 },
  SystemError: { refused: 71, io: IO_ERROR },
  InterruptedError: { interrupted: 130 },
} as const satisfies {
  ArchiveError: Record<ArchiveErrorCode, number>;
  OperatorError: Record<OperatorErrorCode, number>;
  BusyError: Record<BusyErrorCode, number>;
  SystemError: Record<SystemErrorCode, number>;
  InterruptedError: Record<InterruptedError['code'], number>;
};

/** What the exit statuses mean, as every help text tells it. */
export const EXIT_STATUS_HELP = `Exit status:
  0        all of it was done
  1        done, but something was left out (each is named)
  64       the command line is wrong
  65       the archive is damaged, not complete, hostile, of an unknown version, or none at all
  66       the archive or the queue directory does not exist
  69       something needed is not there (postconf, an unknown mail_owner ...)
  70       a bug in postsnap
  71       the system refused
  73       the output file exists already, or can't be created
  74       read or write error, disk full
  75       try again later
  77       not allowed (must be root ...)
  78       the configuration of Postfix or of postsnap is unusable
  129, 130, 143  interrupted; the same command finishes the work`;

/** The exit status for anything that was thrown; what nobody foresaw is a bug. */
export function exitStatusOf(error: unknown): number {
  if (error instanceof ArchiveError) {
    return STATUS_BY_CODE.ArchiveError[error.code];
  }
  if (error instanceof OperatorError) {
    return STATUS_BY_CODE.OperatorError[error.code];
  }
  if (error instanceof BusyError) {
    return STATUS_BY_CODE.BusyError[error.code];
  }
  if (error instanceof SystemError) {
    return STATUS_BY_CODE.SystemError[error.code];
  }
  if (error instanceof InterruptedError) {
    return STATUS_BY_CODE.InterruptedError[error.code];
  }
  const errno = errnoOf(error);
  return errno === undefined ? BUG : STATUS_BY_CODE.SystemError[systemErrorCode(errno)];
}

/** The status of several runs: the first that says that something was not done, else 1 if something was left out, else 0. */
export function worstOf(statuses: readonly number[]): number {
  return statuses.find((status) => status !== DONE && status !== LEFT_OUT) ?? Math.max(DONE, ...statuses);
}

/** Whether this is an error that postsnap foresaw, and so no bug. */
export function isForeseen(error: unknown): error is PostsnapError {
  return (
    error instanceof ArchiveError ||
    error instanceof OperatorError ||
    error instanceof BusyError ||
    error instanceof SystemError ||
    error instanceof InterruptedError
  );
}
