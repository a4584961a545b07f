/**
 * A model of a running Postfix over a queue directory in memory: it makes its moves between any two calls on the file
 * system, and within readdir. Which moves is chosen by numbers from outside, so that fast-check can vary and shrink them.
 *
 * What it keeps of the real one (qmgr_active.c, pickup.c, cleanup_api.c, bounce_append_service.c, postsuper.c): what is
 * renamed and what is made anew, in which order, and that qmgr(8) takes a deferred message up again only after
 * minimal_backoff_time.
 */

import { DEFAULT_LAYOUT, queueFilePath } from '../../src/queue/layout.ts';
import { formatLongQueueId, formatShortQueueId, type QueueId } from '../../src/queue/queue-id.ts';
import type { MessageQueueName, QueueName } from '../../src/queue/queue-name.ts';
import { type SimulatedFile, SimulatedQueueDirectory } from './simulated-queue-directory.ts';

/** Milliseconds; a call on the file system takes one. */
export const BACKOFF_MS = 500;
const MAXIMUM_MESSAGES = 12;
/** How many moves there are before a call. */
const BURSTS = [0, 0, 0, 1, 1, 2, 3, 6];

/** What a queue file of the model holds, as JSON of a length that never changes. */
export interface Content {
  readonly serial: number;
  /** The T record, in microseconds. */
  readonly arrival: number;
  /** For each recipient: R to do, S sent, B bounced: the bounce is in the log, or its notice was sent. */
  readonly recipients: string;
}

interface SimulatedMessage {
  readonly file: SimulatedFile;
  readonly id: QueueId;
  queue: MessageQueueName;
  content: Content;
  /** In active: the recipients that are still to be tried. */
  untried: number[];
  wakeAt: number;
  administratorMoves: number;
  isPickedUp: boolean;
  /** The maildrop message that this one was made of, until pickup has removed it. */
  predecessor: SimulatedMessage | undefined;
  removesPredecessorAt: number;
}

/** Gives numbers from outside, over and over. */
export class Choices {
  #at = 0;
  readonly #numbers: Uint8Array;
  constructor(numbers: Uint8Array) {
    this.#numbers = numbers;
  }
  below(bound: number): number {
    const number = this.#numbers[this.#at % this.#numbers.length] ?? 0;
    this.#at += 1;
    return number % bound;
  }
}

export interface WorldOptions {
  readonly choices: Choices;
  readonly messages: number;
  readonly longIds: boolean;
  readonly birthTimes: boolean;
  /** So many calls go by before anything moves. */
  readonly quietSteps: number;
  /** What administrators do to one message in all: hold, release, requeue, flush. */
  readonly administratorMoves: number;
  /** So many calls after cleanup(8) has answered, pickup(8) removes the maildrop file. */
  readonly pickupSteps: number;
}

/** A pause is as long as so many calls. */
const PAUSE_STEPS = 50;

const QUEUES_AT_START: readonly MessageQueueName[] = [
  'maildrop',
  'incoming',
  'deferred',
  'active',
  'hold',
  'deferred',
  'maildrop',
  'active',
];

export class SimulatedPostfix {
  now = 0;
  steps = 0;
  moves = 0;
  readonly messages: SimulatedMessage[] = [];
  readonly disk: SimulatedQueueDirectory;
  /** `serial:recipient` of the bounces whose notice was sent. */
  readonly notices = new Set<string>();
  readonly #freed: QueueId[] = [];
  readonly #options: WorldOptions;
  readonly #choices: Choices;
  #mover: SimulatedMessage | undefined;
  #nextInode = 100n;
  #nextMicrosecond = 0;
  #nextSerial = 0;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.#choices = options.choices;
    this.disk = new SimulatedQueueDirectory({
      birthTimes: options.birthTimes,
      choose: () => this.#choices.below(2) === 1,
      step: () => this.#step(),
      // So much time goes by that what is deferred may be tried again. Not while names are looked for: that is quick.
      pause: () => {
        this.now += this.#choices.below(2) * BACKOFF_MS;
      },
      now: () => this.now,
    });
    for (let count = 0; count < options.messages; count += 1) {
      this.#beThere(this.#choices.below(QUEUES_AT_START.length));
    }
  }

  /** The serial numbers of the messages that are in the queue, complete. */
  present(): number[] {
    return [...new Set(this.messages.filter(({ file }) => isComplete(file)).map(({ content }) => content.serial))];
  }

  pause(): Promise<void> {
    for (let count = 0; count < PAUSE_STEPS; count += 1) {
      this.#step();
    }
    return Promise.resolve();
  }

  #step(): void {
    this.steps += 1;
    this.now += 1;
    for (const message of this.messages.slice()) {
      if (message.predecessor !== undefined && this.steps >= message.removesPredecessorAt) {
        this.#remove(message.predecessor);
        message.predecessor = undefined;
      }
    }
    if (this.steps > this.#options.quietSteps) {
      for (let count = BURSTS[this.#choices.below(BURSTS.length)] ?? 0; count > 0; count -= 1) {
        this.#move();
      }
    }
  }

  #path(queue: QueueName, id: QueueId): string {
    return queueFilePath(DEFAULT_LAYOUT, queue, id);
  }

  #rename(message: SimulatedMessage, queue: MessageQueueName): void {
    this.disk.unlink(this.#path(message.queue, message.id));
    this.disk.link(this.#path(queue, message.id), message.file);
    message.queue = queue;
  }

  #remove(message: SimulatedMessage): void {
    this.disk.unlink(this.#path(message.queue, message.id));
    this.messages.splice(this.messages.indexOf(message), 1);
    if (this.#mover === message) {
      this.#mover = this.messages.at(-1);
    }
    // The number of a file that is open somewhere is not free.
    if (!this.disk.isOpen(message.file)) {
      this.#freed.push(message.id);
    }
  }

  /** A file in maildrop or incoming, named and not complete; the ID may be one that was used before. */
  #create(queue: MessageQueueName, content: Content): SimulatedMessage {
    const id = this.#newId();
    const birth = BigInt(this.steps * 1000 + this.moves + 1);
    const message: SimulatedMessage = {
      file: { inode: id.inode, birth, mode: 0o600, bytes: encode(content) },
      id,
      queue,
      content,
      untried: [],
      wakeAt: 0,
      administratorMoves: 0,
      isPickedUp: false,
      predecessor: undefined,
      removesPredecessorAt: Number.POSITIVE_INFINITY,
    };
    this.disk.link(this.#path(queue, id), message.file);
    this.messages.push(message);
    return message;
  }

  #newId(): QueueId {
    const { longIds } = this.#options;
    if (!longIds && this.#freed.length > 0 && this.#choices.below(3) === 0) {
      const [reused] = this.#freed.splice(this.#choices.below(this.#freed.length), 1);
      if (reused !== undefined) {
        return reused;
      }
    }
    this.#nextInode += 1n;
    // Steps of a prime, so that the hash directories vary.
    this.#nextMicrosecond = (this.#nextMicrosecond + 150_001) % 1_000_000;
    const digits = { microseconds: this.#nextMicrosecond, inode: this.#nextInode };
    return longIds ? formatLongQueueId({ seconds: 1_700_000_000, ...digits }) : formatShortQueueId(digits);
  }

  #beThere(kind: number): void {
    this.#nextSerial += 1;
    // Two messages in a row may have the same time of arrival. Not where there are no birth times: then one that has the
    // time of another, and gets its queue ID again, can't be told from it.
    const isTwin = kind % 2 === 1 && this.#nextSerial > 1 && this.#options.birthTimes;
    const arrival = 1_000_000 + this.#nextSerial - (isTwin ? 1 : 0);
    const content = { serial: this.#nextSerial, arrival, recipients: 'R'.repeat(1 + (kind % 3)) };
    const message = this.#create(QUEUES_AT_START[kind] ?? 'incoming', content);
    message.file.mode = message.queue === 'maildrop' ? 0o744 : 0o700;
    message.untried = message.queue === 'active' ? recipientsToDo(content) : [];
  }

  // The moves.

  #move(): void {
    // Mostly the message that moved last: what is missed is missed because it moves on and on.
    if (this.#choices.below(4) === 0) {
      this.#mover = this.messages[this.#choices.below(this.messages.length + 1)];
    }
    const message = this.#mover;
    const moves = message === undefined ? [() => this.#arrive()] : this.#movesOf(message);
    const move = moves[this.#choices.below(Math.max(1, moves.length))];
    if (move !== undefined) {
      this.moves += 1;
      move();
    }
  }

  #arrive(): void {
    if (this.messages.length < MAXIMUM_MESSAGES) {
      this.#nextSerial += 1;
      const queue = this.#choices.below(2) === 0 ? 'maildrop' : 'incoming';
      this.#create(queue, { serial: this.#nextSerial, arrival: 5_000_000 + this.now, recipients: 'R' });
    }
  }

  #movesOf(message: SimulatedMessage): (() => void)[] {
    if (!isComplete(message.file)) {
      return [() => this.#complete(message)];
    }
    return [...this.#systemMoves(message), ...this.#administratorMovesOf(message)];
  }

  #complete(message: SimulatedMessage): void {
    message.file.mode = message.queue === 'maildrop' ? 0o744 : 0o700;
    message.removesPredecessorAt = this.steps + this.#options.pickupSteps;
  }

  #systemMoves(message: SimulatedMessage): (() => void)[] {
    switch (message.queue) {
      case 'maildrop':
        return message.isPickedUp ? [] : [() => this.#pickUp(message)];
      case 'incoming':
      case 'deferred':
        return message.wakeAt <= this.now ? [() => this.#activate(message)] : [];
      case 'active':
        return message.untried.length > 0 ? this.#attempts(message) : this.#endings(message);
      case 'hold':
      case 'corrupt':
      case 'saved':
        return [];
    }
  }

  #pickUp(message: SimulatedMessage): void {
    message.isPickedUp = true;
    const recipients = message.content.recipients.replaceAll('B', 'S');
    const successor = this.#create('incoming', { ...message.content, recipients });
    successor.administratorMoves = message.administratorMoves;
    successor.predecessor = message;
    this.#mover = successor;
  }

  #activate(message: SimulatedMessage): void {
    this.#rename(message, 'active');
    this.disk.unlink(this.#path('defer', message.id));
    message.untried = recipientsToDo(message.content);
  }

  #attempts(message: SimulatedMessage): (() => void)[] {
    const at = message.untried[0] ?? 0;
    const log = this.disk.find(this.#path('bounce', message.id))?.bytes.toString() ?? '';
    if (log.endsWith(`r${at}`)) {
      // The entry is begun: its end follows.
      return [() => this.#append('bounce', message, '.\n')];
    }
    if (log.includes(`r${at}.\n`)) {
      return [() => this.#mark(message, at, 'B')];
    }
    const defer = (): void => {
      this.#append('defer', message, `r${at}.\n`);
      message.untried.shift();
    };
    return [() => this.#mark(message, at, 'S'), () => this.#append('bounce', message, `r${at}`), defer];
  }

  #mark(message: SimulatedMessage, at: number, mark: string): void {
    const { recipients } = message.content;
    message.content = { ...message.content, recipients: recipients.slice(0, at) + mark + recipients.slice(at + 1) };
    encode(message.content).copy(message.file.bytes);
    message.untried.shift();
  }

  #append(queue: 'bounce' | 'defer', message: SimulatedMessage, text: string): void {
    const path = this.#path(queue, message.id);
    const log = this.disk.find(path);
    if (log === undefined) {
      this.#nextInode += 1n;
      this.disk.link(path, { inode: this.#nextInode, birth: 1n, mode: 0o600, bytes: Buffer.from(text) });
    } else {
      log.bytes = Buffer.concat([log.bytes, Buffer.from(text)]);
    }
  }

  #endings(message: SimulatedMessage): (() => void)[] {
    if (this.disk.find(this.#path('bounce', message.id)) !== undefined) {
      return [() => this.#sendNotice(message)];
    }
    const defer = (): void => {
      message.wakeAt = this.now + BACKOFF_MS;
      this.#rename(message, 'deferred');
    };
    return [message.content.recipients.includes('R') ? defer : (): void => this.#remove(message)];
  }

  #sendNotice(message: SimulatedMessage): void {
    for (const [at, mark] of Array.from(message.content.recipients).entries()) {
      if (mark === 'B') {
        this.notices.add(`${message.content.serial}:${at}`);
      }
    }
    this.disk.unlink(this.#path('bounce', message.id));
  }

  #administratorMovesOf(message: SimulatedMessage): (() => void)[] {
    const isPickup = message.predecessor !== undefined || message.queue === 'maildrop';
    if (isPickup || message.administratorMoves >= this.#options.administratorMoves) {
      return [];
    }
    const moves = [
      (): void => {
        this.#rename(message, 'maildrop');
        message.isPickedUp = false;
      },
      (): void => this.#rename(message, message.queue === 'hold' ? 'deferred' : 'hold'),
    ];
    if (message.wakeAt > this.now) {
      moves.push(() => {
        message.wakeAt = 0;
      });
    }
    return moves.map((move) => () => {
      message.administratorMoves += 1;
      move();
    });
  }
}

function isComplete(file: SimulatedFile): boolean {
  return (file.mode & 0o700) === 0o700;
}

function recipientsToDo({ recipients }: Content): number[] {
  return Array.from(recipients, (_, at) => at).filter((at) => recipients[at] === 'R');
}

function encode(content: Content): Buffer {
  return Buffer.from(JSON.stringify(content));
}
