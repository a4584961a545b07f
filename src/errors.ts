/**
 * What can go wrong, by who must act. The command line turns each class and code into an exit status; a library user
 * branches on `code`. Every error says what failed, on which path, and the next step.
 */

/** A next step that takes another command or another option. The command line puts it into words: only it has options. */
export type Remedy =
  /** Another archive, or what is intact in this one. */
  | 'salvage'
  /** Postfix must be installed, or the queue directory named and no configuration directory. */
  | 'name-queue'
  /** Another queue directory or configuration directory must be named. */
  | 'name-other-queue'
  /** A tar holds several queue directories: one must be chosen. */
  | 'choose-directory'
  /** The tar must be made again, or what can be read of it unpacked and backed up. */
  | 'tar-again'
  /** A tar of a queue becomes an archive by import. */
  | 'import-tar'
  /** It is encrypted by age: it is decrypted on the way. */
  | 'decrypt'
  /** A directory was named where a file is wanted: a queue directory can be backed up. */
  | 'back-up-directory'
  /** One of the snapshots of the store must be named. */
  | 'list-snapshots'
  /** Postfix must make the directories that are missing. */
  | 'make-queues'
  /** Another queue directory must be named, or Postfix must make one of this. */
  | 'name-or-make-queue'
  /** The directories of the queue must become mail_owner's. */
  | 'give-to-mail-owner'
  /** Postfix must be able to list the queue. */
  | 'mend-listing'
  /** main.cf must be mended, or the queue directory named. */
  | 'mend-configuration';

interface ErrorDetails {
  /** The file or directory that the operation was about. */
  readonly path?: string;
  /** What the administrator can do about it: one sentence. */
  readonly nextStep?: string;
  readonly remedy?: Remedy;
  readonly cause?: unknown;
}

/** The common ground of all errors that postsnap foresees. Anything else that is thrown is a bug. */
export abstract class PostsnapError extends Error {
  abstract readonly code: string;
  readonly path: string | undefined;
  readonly nextStep: string | undefined;
  readonly remedy: Remedy | undefined;

  constructor(message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.path = details.path;
    this.nextStep = details.nextStep;
    this.remedy = details.remedy;
  }
}

export type ArchiveErrorCode =
  | 'damaged'
  | 'incomplete'
  | 'hostile'
  | 'unknown-version'
  /** It is whole, perhaps, but something else. */
  | 'foreign';

/** The archive is at fault: nothing that was done elsewhere can mend it. */
export class ArchiveError extends PostsnapError {
  readonly code: ArchiveErrorCode;
  constructor(code: ArchiveErrorCode, message: string, details?: ErrorDetails) {
    super(message, details);
    this.code = code;
  }
}

export type OperatorErrorCode =
  /** The options contradict each other or make no sense. */
  | 'usage'
  /** The archive or the queue directory does not exist. */
  | 'not-found'
  /** Something needed is not installed or not known: postconf, mail_owner … */
  | 'unavailable'
  /** The output file exists already or can't be created. */
  | 'output-exists'
  /** Another user must run this. */
  | 'not-permitted'
  /** The Postfix configuration is unusable. */
  | 'configuration';

/** The administrator must change something before it can work. */
export class OperatorError extends PostsnapError {
  readonly code: OperatorErrorCode;
  constructor(code: OperatorErrorCode, message: string, details?: ErrorDetails) {
    super(message, details);
    this.code = code;
  }
}

export type BusyErrorCode =
  /** Another postsnap works on this queue directory. */
  | 'locked'
  /** An interrupted restore waits to be finished or given up. */
  | 'restore-unfinished'
  /** Postfix must be stopped first. */
  | 'postfix-running';

/** Nothing is wrong: the same command may succeed later. */
export class BusyError extends PostsnapError {
  readonly code: BusyErrorCode;
  constructor(code: BusyErrorCode, message: string, details?: ErrorDetails) {
    super(message, details);
    this.code = code;
  }
}

export type SystemErrorCode =
  /** The system refused what it must allow: no hard links, no permission, a directory on another file system … */
  | 'refused'
  /** Reading or writing failed: I/O error, disk or quota full. */
  | 'io';

/** The operating system refused a call. */
export class SystemError extends PostsnapError {
  readonly code: SystemErrorCode;
  /** `ENOSPC`, `EIO` … */
  readonly errno: string;
  constructor(code: SystemErrorCode, message: string, details: ErrorDetails & { readonly errno: string }) {
    super(message, details);
    this.code = code;
    this.errno = details.errno;
  }
}

/** How things stand after an interruption. */
export type InterruptedState =
  /** Nothing was changed in the queue. */
  | 'untouched'
  /** The same command goes on where this one stopped. */
  | 'goes-on'
  /** No archive was written. */
  | 'no-archive';

/** The operation was cut off by its `signal`. */
export class InterruptedError extends PostsnapError {
  readonly code = 'interrupted';
  /** Undefined where the operation changes nothing. */
  readonly state: InterruptedState | undefined;
  constructor(message = 'interrupted', details: ErrorDetails & { readonly state?: InterruptedState } = {}) {
    super(message, details);
    this.state = details.state;
  }
}
