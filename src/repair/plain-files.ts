/**
 * The files of a queue directory of which nothing is wrong by what can be seen of each alone: name, inode number, place, owner
 * and mode. In a sound queue these are all. They are noted by their queue IDs, some ten bytes each beside the name, and are
 * looked at again only where another file has the same queue ID. (test/property/plain-look.test.ts)
 */

import type { FileStatus } from '../fs/file-system.ts';
import { hashDepth, type QueueLayout, queueFilePath } from '../queue/layout.ts';
import { parseQueueId, withInode } from '../queue/queue-id.ts';
import { isLogQueueName, QUEUES, type QueueName } from '../queue/queue-name.ts';
import { type QueueOwners, rightfulMode, rightfulOwner } from '../queue/rights.ts';
import { isLive } from './facts.ts';

/** By what a file is judged. */
export interface PlainRules {
  readonly layout: QueueLayout;
  readonly enableLongQueueIds: boolean;
  readonly owners: QueueOwners;
}

/** Where a file was found. */
export interface FoundName {
  readonly queueName: QueueName;
  /** Below the queue directory. */
  readonly directory: string;
  readonly name: string;
}

type Status = Pick<FileStatus, 'type' | 'inode' | 'mode' | 'uid' | 'links'>;

const BITS: ReadonlyMap<QueueName, number> = new Map(QUEUES.map(({ name }, index) => [name, 1 << index]));

/** Up to here a number is exact. */
const EXACT = BigInt(Number.MAX_SAFE_INTEGER);
const LOG_MODE = 0o600;
const SHORT_MICROSECONDS = 5;
/** Before the z of a long ID stand ten digits of time or more (mail_queue.h). */
const LONG_TIME = 10;

export class PlainFiles {
  readonly #rules: PlainRules;
  readonly #depths: ReadonlyMap<QueueName, number>;
  /** Bits of the queues in which the file of an ID is plain. */
  readonly #queues = new Map<string, number>();
  #count = 0;

  constructor(rules: PlainRules) {
    this.#rules = rules;
    this.#depths = new Map(QUEUES.map(({ name }) => [name, hashDepth(rules.layout, name)]));
  }

  /** How many files are noted. */
  get count(): number {
    return this.#count;
  }

  /** Whether a message is noted by this ID. */
  has(name: string): boolean {
    return this.#queues.has(name);
  }

  /** Whether a message may be noted, as far as its status shows: its content is another question. */
  isPlainMessage(found: FoundName, status: Status): boolean {
    const { queueName, name } = found;
    const { uid, mode } = status;
    const { owners } = this.#rules;
    return (
      status.type === 'file' &&
      status.links === 1 &&
      isLive(queueName) &&
      rightfulOwner(queueName, status, owners.uid) === uid &&
      rightfulMode(queueName, { uid, mode }, owners.uid) === mode &&
      this.#isTrue(name, status.inode) &&
      this.#isInPlace(found) &&
      !this.#queues.has(name)
    );
  }

  /** Whether a log may be noted: that of a message that is. @param status absent: owner and mode are not asked for */
  isPlainLog(found: FoundName, status: Status | undefined): boolean {
    return (
      isLogQueueName(found.queueName) &&
      this.#queues.has(found.name) &&
      (status === undefined ||
        (status.type === 'file' &&
          status.links === 1 &&
          status.mode === LOG_MODE &&
          status.uid === this.#rules.owners.uid)) &&
      this.#isInPlace(found)
    );
  }

  note({ queueName, name }: FoundName): void {
    this.#queues.set(name, (this.#queues.get(name) ?? 0) | (BITS.get(queueName) ?? 0));
    this.#count += 1;
  }

  /** Takes out what is noted by an ID: another file has it, too. @returns where its files stand */
  take(name: string): readonly FoundName[] {
    const bits = this.#queues.get(name) ?? 0;
    const id = parseQueueId(name);
    if (id === undefined) {
      return [];
    }
    const found = QUEUES.filter((queue) => (bits & (BITS.get(queue.name) ?? 0)) !== 0).map((queue) => {
      const path = queueFilePath(this.#rules.layout, queue.name, id);
      return { queueName: queue.name, directory: path.slice(0, -name.length - 1), name };
    });
    this.#queues.delete(name);
    this.#count -= found.length;
    return found;
  }

  /** Whether a name carries the inode number as Postfix writes it, in the form that Postfix makes. */
  #isTrue(name: string, inode: bigint): boolean {
    if (inode <= EXACT && !isLong(name)) {
      const digits = Number(inode).toString(16).toUpperCase();
      return name.length === SHORT_MICROSECONDS + digits.length && name.endsWith(digits) && beginsAsShort(name);
    }
    const id = parseQueueId(name);
    return (
      id !== undefined && (id.form === 'short' || this.#rules.enableLongQueueIds) && withInode(id, inode).text === name
    );
  }

  /** Whether Postfix looks for it there: a short ID is hashed by its first characters. */
  #isInPlace({ queueName, directory, name }: FoundName): boolean {
    const depth = this.#depths.get(queueName) ?? 0;
    if (directory.length !== queueName.length + 2 * depth) {
      return false;
    }
    if (depth > 0 && isLong(name)) {
      const id = parseQueueId(name);
      return id !== undefined && queueFilePath(this.#rules.layout, queueName, id) === `${directory}/${name}`;
    }
    for (let level = 0; level < depth; level += 1) {
      if (directory[queueName.length + 2 * level + 1] !== name[level]) {
        return false;
      }
    }
    return true;
  }
}

function isLong(name: string): boolean {
  return name.lastIndexOf('z') >= LONG_TIME;
}

function beginsAsShort(name: string): boolean {
  for (let at = 0; at < SHORT_MICROSECONDS; at += 1) {
    const code = name.charCodeAt(at);
    const isHexadecimal = (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x46);
    if (!isHexadecimal) {
      return false;
    }
  }
  return true;
}
