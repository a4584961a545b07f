/** Root's answers to one asker. Each request is answered as if it came from an attacker: see the parts that do the work. */

import { OperatorError, SystemError } from '../errors.ts';
import { missingCapabilities } from '../fs/capabilities.ts';
import type { FileSystem } from '../fs/file-system.ts';
import { ensureStateDirectory, stateDirectory } from '../journal/state-directory.ts';
import { type SubmissionService, submissionService } from '../journal/submission.ts';
import type { Account } from '../postfix/accounts.ts';
import { NotForOthers, QueueReading } from './queue-reading.ts';
import type { RootAnswer } from './root-answer.ts';
import { type QueueMending, queueMending } from './root-mend.ts';
import type { RootRequest } from './root-request.ts';

/** What root may do for a work: read what only root can in the queue, what a restore needs, or a repair. */
export type RootTask = 'read' | 'place' | 'repair';

export interface RootGround {
  readonly fs: FileSystem;
  /** Absolute, and root's alone: nobody can lead root elsewhere by its name or the names in it. */
  readonly queueDirectory: string;
  readonly owner: Account;
  readonly task: RootTask;
  /** Told of each file that root has opened to be read. */
  readonly onRootsFile: (path: string) => void;
}

type Ask = RootRequest['ask'];

/** What is answered, by the task; all else is refused. */
const ALLOWED: Readonly<Record<RootTask, ReadonlySet<Ask>>> = {
  read: new Set<Ask>(['open', 'status', 'read', 'close']),
  place: new Set<Ask>(['state-directory', 'give', 'set-time', 'try-to-give']),
  repair: new Set<Ask>(['open', 'status', 'read', 'close', 'state-directory', 'mend']),
};

export class RootService {
  readonly #ground: RootGround;
  readonly #submissions: SubmissionService;
  readonly #reading: QueueReading;
  readonly #mending: QueueMending;

  constructor(ground: RootGround) {
    const { fs, queueDirectory, owner, onRootsFile } = ground;
    this.#ground = ground;
    this.#submissions = submissionService({ fs, queueDirectory, mailOwner: owner.uid });
    this.#mending = queueMending({ fs, queueDirectory, owner });
    this.#reading = new QueueReading(fs, queueDirectory, onRootsFile);
  }

  /** What goes wrong is in the answer. */
  answer(request: RootRequest): RootAnswer {
    try {
      if (!ALLOWED[this.#ground.task].has(request.ask)) {
        throw new NotForOthers(`root does not do this here: ${request.ask}`);
      }
      return this.#do(request);
    } catch (error) {
      return { kind: 'failed', error };
    }
  }

  /** The asker has gone. */
  close(): void {
    this.#reading.closeAll();
  }

  #do(request: RootRequest): RootAnswer {
    switch (request.ask) {
      case 'state-directory':
        makeStateDirectory(this.#ground);
        return { kind: 'done' };
      case 'give':
        return { kind: 'outcome', outcome: this.#submissions.give(request.request) };
      case 'set-time':
        return { kind: 'time', time: this.#submissions.setTime(request.request) };
      case 'try-to-give':
        return { kind: 'trial', errno: this.#submissions.tryToGive(request.file, request.owner) };
      case 'open':
        return { kind: 'opened', handle: this.#reading.open(request.path) };
      case 'read':
        return { kind: 'bytes', bytes: this.#reading.read(request.handle, request.position, request.length) };
      case 'status':
        return { kind: 'status', status: this.#reading.status(request.handle) };
      case 'mend':
        return { kind: 'trial', errno: this.#mending(request.request) };
      case 'close':
        this.#reading.close(request.handle);
        return { kind: 'done' };
    }
  }
}

/** Root gives a directory away first, and sets its mode then: the mode of another's. */
const GIVING = ['CAP_CHOWN', 'CAP_FOWNER'] as const;

function makeStateDirectory({ fs, queueDirectory, owner }: RootGround): void {
  try {
    ensureStateDirectory(fs, queueDirectory, owner);
  } catch (error) {
    const isRefused = error instanceof SystemError && error.errno === 'EPERM';
    const missing = missingCapabilities(GIVING);
    if (!isRefused || missing.length === 0) {
      throw error;
    }
    const path = stateDirectory(queueDirectory);
    throw new OperatorError(
      'not-permitted',
      `root can't give mail_owner the directory ${path}: it lacks ${missing.join(' and ')}`,
      {
        path,
        nextStep: `Give it that capability, or make the directory by hand, mode 0700 and owned by mail_owner (uid ${owner.uid}).`,
        cause: error,
      },
    );
  }
}
