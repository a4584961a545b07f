/** What is remembered of each copy in the archive: some 50 bytes, so that a million of them stay small. */

import { MESSAGE_QUEUES, type MessageQueueName } from '../queue/queue-name.ts';
import { Column } from '../table/column.ts';

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
  /** See CopyIdentity. */
  readonly kin?: number | undefined;
  /** It had not the mode of a file that is still being written. */
  readonly isFinished: boolean;
}

const NONE = -1;
const LEFT = 0x80;
const FINISHED = 0x40;
const QUEUE = 0x0f;

export class CopyTable {
  #count = 0;
  readonly #ids = new Column((length) => new Uint32Array(length));
  readonly #rounds = new Column((length) => new Uint8Array(length));
  /** The queue's number, whether it was finished, and whether it has left. */
  readonly #flags = new Column((length) => new Uint8Array(length));
  readonly #inodes = new Column((length) => new BigUint64Array(length));
  readonly #sizes = new Column((length) => new Float64Array(length));
  readonly #birthtimes = new Column((length) => new BigInt64Array(length));
  readonly #arrivals = new Column((length) => new Float64Array(length));
  /** 0 where it is not known. */
  readonly #kin = new Column((length) => new Uint32Array(length));
  /** The copy before this one of the same ID: few have one. */
  readonly #previous = new Map<number, number>();
  readonly #latestOfId = new Column((length) => new Int32Array(length).fill(NONE));

  get size(): number {
    return this.#count;
  }

  /** Adds a copy, as `queued`, and gives it the next number from 0. */
  add(copy: Copy): number {
    const number = this.#count;
    this.#reserve(number + 1, copy.id + 1);
    this.#ids.values[number] = copy.id;
    this.#rounds.values[number] = copy.round;
    this.#flags.values[number] = MESSAGE_QUEUES.indexOf(copy.queueName) | (copy.isFinished ? FINISHED : 0);
    this.#inodes.values[number] = copy.inode;
    this.#sizes.values[number] = copy.size;
    this.#birthtimes.values[number] = copy.birthtimeNs;
    this.#arrivals.values[number] = copy.arrival ?? Number.NaN;
    this.#kin.values[number] = copy.kin ?? 0;
    const previous = this.#latestOfId.values[copy.id] ?? NONE;
    if (previous !== NONE) {
      this.#previous.set(number, previous);
    }
    this.#latestOfId.values[copy.id] = number;
    this.#count += 1;
    return number;
  }

  /** The T records of the copies that have left: what went on from one of them under another ID has the same. */
  arrivalsThatLeft(): number[] {
    const arrivals: number[] = [];
    for (let number = 0; number < this.#count; number += 1) {
      const arrival = this.#arrivals.values[number] ?? Number.NaN;
      if (this.hasLeft(number) && !Number.isNaN(arrival)) {
        arrivals.push(arrival);
      }
    }
    return arrivals;
  }

  get(number: number): Copy {
    const arrival = this.#arrivals.values[number] ?? Number.NaN;
    const flags = this.#flags.values[number] ?? 0;
    const kin = this.#kin.values[number] ?? 0;
    return {
      id: this.#ids.values[number] ?? 0,
      round: this.#rounds.values[number] ?? 0,
      queueName: MESSAGE_QUEUES[flags & QUEUE] ?? 'incoming',
      inode: this.#inodes.values[number] ?? 0n,
      size: this.#sizes.values[number] ?? 0,
      birthtimeNs: this.#birthtimes.values[number] ?? 0n,
      arrival: Number.isNaN(arrival) ? undefined : arrival,
      kin: kin === 0 ? undefined : kin,
      isFinished: (flags & FINISHED) !== 0,
    };
  }

  /** The numbers of the copies of an ID, the latest first. */
  ofId(id: number): number[] {
    const numbers: number[] = [];
    for (
      let number = this.#latestOfId.values[id] ?? NONE;
      number !== NONE;
      number = this.#previous.get(number) ?? NONE
    ) {
      numbers.push(number);
    }
    return numbers;
  }

  /** Whether the message left the queue while the snapshot was taken. */
  hasLeft(number: number): boolean {
    return ((this.#flags.values[number] ?? 0) & LEFT) !== 0;
  }

  setLeft(number: number, left: boolean): void {
    const flags = this.#flags.values[number] ?? 0;
    this.#flags.values[number] = left ? flags | LEFT : flags & ~LEFT;
  }

  #reserve(copies: number, ids: number): void {
    this.#ids.reserve(copies);
    this.#rounds.reserve(copies);
    this.#flags.reserve(copies);
    this.#inodes.reserve(copies);
    this.#sizes.reserve(copies);
    this.#birthtimes.reserve(copies);
    this.#arrivals.reserve(copies);
    this.#kin.reserve(copies);
    this.#latestOfId.reserve(ids);
  }
}
