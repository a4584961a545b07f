/** The way to root, for the process that works with mail_owner's rights: it asks, and waits for the answer. */

import { InterruptedError } from '../errors.ts';
import type { FileStatus, FileSystem } from '../fs/file-system.ts';
import { errnoOf } from '../fs/system-error.ts';
import type { SubmissionService } from '../journal/submission.ts';
import { encodeFrame, type FrameLimits, readFrame } from './frame.ts';
import { isHashDirectoryPath, isQueueFilePath } from './queue-file-path.ts';
import { decodeAnswer, type RootAnswer } from './root-answer.ts';
import type { MendRequest, QueueMending } from './root-mend.ts';
import { encodeRequest, READ_MAXIMUM, type RootRequest } from './root-request.ts';

/** What root sends is bounded by what is asked for. The setup may name many messages. */
const FROM_ROOT: FrameLimits = { text: 1_048_576, bytes: 1_073_741_824 };
/** A socket has no positions. */
const NO_POSITION = -1;

export class RootDoor {
  readonly #fs: Pick<FileSystem, 'read' | 'write'>;
  readonly #fd: number;

  /** @param fd a socket that waits: its other end is root's */
  constructor(fs: Pick<FileSystem, 'read' | 'write'>, fd: number) {
    this.#fs = fs;
    this.#fd = fd;
  }

  /**
   * Says something that needs no answer.
   *
   * @throws InterruptedError: root's process is gone
   */
  send(text: string): void {
    try {
      this.#fs.write(this.#fd, encodeFrame(text));
    } catch (error) {
      throw errnoOf(error) === 'EPIPE' ? rootIsGone() : error;
    }
  }

  /** What root sends by itself: once, at the start. */
  receive(): Uint8Array {
    return readFrame((length) => this.#readFully(length), FROM_ROOT).bytes;
  }

  /**
   * @throws what root's answer is, where it is an error
   * @throws InterruptedError: root's process is gone
   */
  ask<Kind extends RootAnswer['kind']>(request: RootRequest, kind: Kind): Extract<RootAnswer, { kind: Kind }> {
    this.send(encodeRequest(request));
    const answer = decodeAnswer(readFrame((length) => this.#readFully(length), FROM_ROOT));
    if (answer.kind === 'failed') {
      throw answer.error;
    }
    if (!isOf(answer, kind)) {
      throw new TypeError(`root answers ${answer.kind} to ${request.ask}`);
    }
    return answer;
  }

  #readFully(length: number): Uint8Array {
    const bytes = Buffer.allocUnsafe(length);
    for (let filled = 0; filled < length; ) {
      const range = { offset: filled, length: length - filled, position: NO_POSITION };
      const count = this.#fs.read(this.#fd, bytes, range);
      if (count === 0) {
        throw rootIsGone();
      }
      filled += count;
    }
    return bytes;
  }
}

function isOf<Kind extends RootAnswer['kind']>(
  answer: RootAnswer,
  kind: Kind,
): answer is Extract<RootAnswer, { kind: Kind }> {
  return answer.kind === kind;
}

function rootIsGone(): InterruptedError {
  return new InterruptedError('the process that this one works for has ended', {
    nextStep: 'Run the same command again.',
  });
}

/** The calls that only root can make on genuine submissions, through the door. */
export function submissionsThrough(door: RootDoor): SubmissionService {
  return {
    give: (request) => door.ask({ ask: 'give', request }, 'outcome').outcome,
    setTime: (request) => door.ask({ ask: 'set-time', request }, 'time').time,
    tryToGive: (file, owner) => door.ask({ ask: 'try-to-give', file, owner }, 'trial').errno,
  };
}

/** The reading of what only root can read, through the door. */
export interface RootReading {
  open(path: string): number;
  status(handle: number): FileStatus;
  read(handle: number, position: number, length: number): Uint8Array;
  close(handle: number): void;
}

export function readingThrough(door: RootDoor): RootReading {
  return {
    open: (path) => door.ask({ ask: 'open', path }, 'opened').handle,
    status: (handle) => door.ask({ ask: 'status', handle }, 'status').status,
    read: (handle, position, length) =>
      door.ask({ ask: 'read', handle, position, length: Math.min(length, READ_MAXIMUM) }, 'bytes').bytes,
    close: (handle) => void door.ask({ ask: 'close', handle }, 'done'),
  };
}

/** The mending of owners and modes that only root can mend, through the door. */
export function mendingThrough(door: RootDoor): QueueMending {
  // What root would take for an attack is the place of no queue file: a name that somebody made in a queue.
  const isPlace = ({ kind, path }: MendRequest): boolean =>
    kind === 'directory' ? isHashDirectoryPath(path) : isQueueFilePath(path);
  return (request) => (isPlace(request) ? door.ask({ ask: 'mend', request }, 'trial').errno : 'EINVAL');
}
