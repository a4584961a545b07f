/** What is remembered of each copy in the archive: some 40 bytes, so that a million of them stay small. */

import { MESSAGE_QUEUES, type MessageQueueName } from '../queue/queue-name.ts';
import { grown } from '../table/queue-id-table.ts';

export interface Copy {
  /** The number of its queue ID in the listing. */
  readonly id: number;
  /** Counted from 1: in which round it was read. */
  readonly round: number;
  /** The queue that its entry in the archive is named after. */
  readonly queueName: MessageQueueName;
  readonly inode: bigint;
  readonly size: number;
  /** 0 where the file system does not tell. */
  readonly birthtimeNs: bigint;
  /** The T record in microseconds since the epoch; undefined where there is none. */
  readonly arrival: number | undefined;
  /** It had not the mode of a file that is still being written. */
  readonly isFinished: boolean;
}

const NONE = -1;
const LEFT = 0x80;
const FINISHED = 0x40;
const QUEUE = 0x0f;

export class CopyTable {
  #count = 0;
  #ids: Uint32Array = new Uint32Array(1024);
  #rounds: Uint8Array = new Uint8Array(1024);
  /** The queue's number, whether it was finished, and whether it has left. */
  #flags: Uint8Array = new Uint8Array(1024);
  #inodes: BigUint64Array = new BigUint64Array(1024);
  #sizes: Float64Array = new Float64Array(1024);
  #birthtimes: BigInt64Array = new BigInt64Array(1024);
  #arrivals: Float64Array = new Float64Array(1024);
  /** The copy before this one of the same ID. */
  #previous: Int32Array = new Int32Array(1024);
  #latestOfId: Int32Array = new Int32Array(1024).fill(NONE);

  get size(): number {
    return this.#count;
  }

  /** Adds a copy, as `queued`, and gives it the next number from 0. */
  add(copy: Copy): number {
    const number = this.#count;
    this.#reserve(number + 1, copy.id + 1);
    this.#ids[number] = copy.id;
    this.#rounds[number] = copy.round;
    this.#flags[number] = MESSAGE_QUEUES.indexOf(copy.queueName) | (copy.isFinished ? FINISHED : 0);
    this.#inodes[number] = copy.inode;
    this.#sizes[number] = copy.size;
    this.#birthtimes[number] = copy.birthtimeNs;
    this.#arrivals[number] = copy.arrival ?? Number.NaN;
    this.#previous[number] = this.#latestOfId[copy.id] ?? NONE;
    this.#latestOfId[copy.id] = number;
    this.#count += 1;
    return number;
  }

  get(number: number): Copy {
    const arrival = this.#arrivals[number] ?? Number.NaN;
    const flags = this.#flags[number] ?? 0;
    return {
      id: this.#ids[number] ?? 0,
      round: this.#rounds[number] ?? 0,
      queueName: MESSAGE_QUEUES[flags & QUEUE] ?? 'incoming',
      inode: this.#inodes[number] ?? 0n,
      size: this.#sizes[number] ?? 0,
      birthtimeNs: this.#birthtimes[number] ?? 0n,
      arrival: Number.isNaN(arrival) ? undefined : arrival,
      isFinished: (flags & FINISHED) !== 0,
    };
  }

  /** The numbers of the copies of an ID, the latest first. */
  ofId(id: number): number[] {
    const numbers: number[] = [];
    for (let number = this.#latestOfId[id] ?? NONE; number !== NONE; number = this.#previous[number] ?? NONE) {
      numbers.push(number);
    }
    return numbers;
  }

  /** Whether the message left the queue while the snapshot was taken. */
  hasLeft(number: number): boolean {
    return ((this.#flags[number] ?? 0) & LEFT) !== 0;
  }

  setLeft(number: number, left: boolean): void {
    const flags = this.#flags[number] ?? 0;
    this.#flags[number] = left ? flags | LEFT : flags & ~LEFT;
  }

  #reserve(copies: number, ids: number): void {
    const capacity = this.#ids.length * 2;
    if (copies > this.#ids.length) {
      this.#ids = grown(this.#ids, new Uint32Array(capacity));
      this.#rounds = grown(this.#rounds, new Uint8Array(capacity));
      this.#flags = grown(this.#flags, new Uint8Array(capacity));
      this.#inodes = grown(this.#inodes, new BigUint64Array(capacity));
      this.#sizes = grown(this.#sizes, new Float64Array(capacity));
      this.#birthtimes = grown(this.#birthtimes, new BigInt64Array(capacity));
      this.#arrivals = grown(this.#arrivals, new Float64Array(capacity));
      this.#previous = grown(this.#previous, new Int32Array(capacity));
    }
    if (ids > this.#latestOfId.length) {
      const length = Math.max(ids, this.#latestOfId.length * 2);
      this.#latestOfId = grown(this.#latestOfId, new Int32Array(length).fill(NONE));
    }
  }
}
