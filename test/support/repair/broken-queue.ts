/** Queues that are broken by chance, in each way that copies, chmod, chown and interrupted commands break them; and what was in them. */

import { join } from 'node:path';
import type { FileSystem } from '../../../src/fs/file-system.ts';
import { DEFAULT_LAYOUT, pathAtDepth, queueFilePath } from '../../../src/queue/layout.ts';
import {
  formatLongQueueId,
  formatShortQueueId,
  parseQueueId,
  type QueueId,
  UNFINISHED_RENAME_SUFFIX,
} from '../../../src/queue/queue-id.ts';
import { LOG_QUEUES, type LogQueueName, type MessageQueueName, QUEUES } from '../../../src/queue/queue-name.ts';
import { makeDirectories, putFile } from '../disk/tree.ts';
import { maildropFile, queueFile } from '../queue/queue-file-builder.ts';

/** The ways in which a queue is broken. */
export const BREAKAGES = [
  'none',
  'copied',
  'cycle',
  'two queues',
  'stolen name',
  'unfinished',
  'unfinished trace',
  'hash directory',
  'long',
  'long and copied',
  'lost mode',
  'stray expiry',
  'open to others',
  "root's",
  'cut off',
] as const;

export type Breakage = (typeof BREAKAGES)[number];

export interface PlantedMessage {
  readonly queueName: MessageQueueName;
  /** As bytes of a file, latin1: no other message has the same. */
  readonly content: string;
  readonly breakage: Breakage;
  /** Where it stands. */
  readonly path: string;
  readonly mtimeNs: bigint;
  readonly isForced: boolean;
}

export interface PlantedLog {
  readonly queueName: LogQueueName;
  readonly content: string;
  /** The content of the message that it is about; undefined where its name leaves that open. */
  readonly of: string | undefined;
}

export interface BrokenQueue {
  readonly messages: readonly PlantedMessage[];
  readonly logs: readonly PlantedLog[];
}

export interface BreakingOptions {
  readonly fs: FileSystem;
  readonly queueDirectory: string;
  readonly random: () => number;
  /** mail_owner: whose the files are. */
  readonly owner: { readonly uid: number; readonly gid: number };
  readonly messages: number;
  /** Which ways; default: all. */
  readonly breakages?: readonly Breakage[];
  /** Nanoseconds since the epoch. */
  readonly nowNs: bigint;
}

const QUEUES_OF_MAIL: readonly MessageQueueName[] = [
  'deferred',
  'deferred',
  'deferred',
  'incoming',
  'active',
  'hold',
  'maildrop',
];
const DAY_NS = 86_400_000_000_000n;

/** Makes a broken queue; each queue must be a directory that is there, or can be made. */
export function plantBrokenQueue(options: BreakingOptions): BrokenQueue {
  return new Planter(options).plant();
}

interface Seed {
  readonly queueName: MessageQueueName;
  readonly breakage: Breakage;
  readonly content: string;
  readonly temporary: string;
  readonly inode: bigint;
  readonly number: number;
  readonly mtimeNs: bigint;
  readonly mode: number;
  readonly isForced: boolean;
}

class Planter {
  readonly #options: BreakingOptions;
  readonly #messages: PlantedMessage[] = [];
  readonly #logs: PlantedLog[] = [];
  readonly #taken = new Set<string>();
  /** By the ID in their names: the first message, and whether its name is true. */
  readonly #holders = new Map<string, { content: string; isTrue: boolean }[]>();
  readonly #logsAt: { readonly log: LogQueueName; readonly content: string; readonly name: string }[] = [];

  constructor(options: BreakingOptions) {
    this.#options = options;
  }

  plant(): BrokenQueue {
    const { fs, queueDirectory, messages } = this.#options;
    for (const { name } of QUEUES) {
      makeDirectories(fs, join(queueDirectory, name), 0o700);
    }
    const seeds = Array.from({ length: messages }, (_, number) => this.#seed(number));
    seeds.forEach((seed, index) => {
      this.#put(seed, seeds[(index + 1) % seeds.length] ?? seed);
    });
    for (const { log, content, name } of this.#logsAt) {
      const holders = this.#holders.get(name) ?? [];
      const owners = holders.length === 1 ? holders : holders.filter(({ isTrue }) => isTrue);
      this.#logs.push({ queueName: log, content, of: owners.length === 1 ? owners[0]?.content : undefined });
    }
    return { messages: this.#messages, logs: this.#logs };
  }

  /** Its file, with another name for now: its inode is known then. */
  #seed(number: number): Seed {
    const { fs, queueDirectory, owner, nowNs, breakages = BREAKAGES } = this.#options;
    const breakage = this.#pick(breakages);
    const queueName = this.#pick(breakage === 'hash directory' ? ['deferred' as const] : QUEUES_OF_MAIL);
    const isMaildrop = queueName === 'maildrop';
    const envelope = [
      ['T', `${1_700_000_000 + number} ${123_000 + number}`],
      ['S', `sender${number}@example.com`],
      ['R', 'bob@example.com'],
    ] as const;
    const whole = isMaildrop ? maildropFile({ envelope }) : queueFile({ envelope });
    const bytes = breakage === 'cut off' ? whole.subarray(0, whole.length - 9) : whole;
    const isForced = !isMaildrop && breakage === 'copied' && this.#chance(0.1);
    const mode = this.#pick((isMaildrop ? MAILDROP_MODES : MODES)[breakage] ?? [isForced ? 0o710 : 0o700]);
    const mtimeNs = nowNs - BigInt(Math.floor(this.#options.random() * 20)) * DAY_NS + BigInt(number) * 1_000_000n;
    const temporary = join(queueDirectory, `seed-${number}`);
    const uid = breakage === "root's" ? 0 : owner.uid;
    const inode = putFile(fs, temporary, { content: bytes, mode, uid, gid: owner.gid, mtimeNs });
    const content = Buffer.from(bytes).toString('latin1');
    return { queueName, breakage, content, temporary, inode, number, mtimeNs, mode, isForced };
  }

  /** @param naming another way to name it, where the name is taken */
  #put(seed: Seed, next: Seed, naming: Breakage = seed.breakage): void {
    const { fs, queueDirectory } = this.#options;
    const { name, isUnfinished, depth } = this.#nameOf(seed, next, naming);
    const suffix = isUnfinished ? UNFINISHED_RENAME_SUFFIX : '';
    const plain =
      depth === undefined
        ? queueFilePath(DEFAULT_LAYOUT, seed.queueName, name)
        : pathAtDepth(seed.queueName, name, depth);
    const path = `${plain}${suffix}`;
    if (this.#taken.has(path)) {
      this.#put(seed, next, 'copied');
      return;
    }
    this.#taken.add(path);
    const full = join(queueDirectory, path);
    makeDirectories(fs, join(full, '..'), 0o700);
    fs.rename(seed.temporary, full);
    const holders = this.#holders.get(name.text) ?? [];
    this.#holders.set(name.text, [...holders, { content: seed.content, isTrue: name.inode === seed.inode }]);
    const { queueName, content, breakage, mtimeNs, isForced } = seed;
    this.#messages.push({ queueName, content, breakage, path, mtimeNs, isForced });
    // A copy over another's log would have replaced it.
    if (queueName !== 'maildrop' && holders.length === 0) {
      this.#plantLogs(seed, name, { isUnfinished, depth });
    }
  }

  #nameOf(seed: Seed, next: Seed, naming: Breakage): { name: QueueId; isUnfinished: boolean; depth?: number } {
    const { number, inode, queueName } = seed;
    const microseconds = 123_000 + number;
    const seconds = 1_700_000_000 + number;
    const own = formatShortQueueId({ microseconds, inode });
    const copied = formatShortQueueId({ microseconds, inode: inode + 1_000_000n });
    const cycled = formatShortQueueId({ microseconds: 123_000 + next.number, inode: next.inode });
    const others = this.#messages.at(-1)?.path.split('/').at(-1)?.replace(UNFINISHED_RENAME_SUFFIX, '');
    const stolen = formatShortQueueId({ microseconds, inode: next.inode });
    const names: Partial<Record<Breakage, () => QueueId>> = {
      copied: () => copied,
      cycle: () => cycled,
      'two queues': () => (others === undefined ? undefined : parseQueueId(others)) ?? own,
      'stolen name': () => stolen,
      unfinished: () => (this.#chance(0.5) ? own : copied),
      'hash directory': () => (this.#chance(0.5) ? own : copied),
      long: () => formatLongQueueId({ seconds, microseconds, inode }),
      'long and copied': () => formatLongQueueId({ seconds, microseconds, inode: inode + 77n }),
    };
    const name = names[naming]?.() ?? (queueName === 'hold' && this.#chance(0.3) ? copied : own);
    const isUnfinished = naming === 'unfinished' || (naming === 'stolen name' && this.#chance(0.3));
    return { name, isUnfinished, ...(naming === 'hash directory' ? { depth: this.#pick([0, 2]) } : {}) };
  }

  #plantLogs(
    { number, breakage }: Seed,
    name: QueueId,
    { isUnfinished, depth }: { readonly isUnfinished: boolean; readonly depth: number | undefined },
  ): void {
    const { fs, queueDirectory, owner } = this.#options;
    for (const log of LOG_QUEUES.filter(() => this.#chance(0.4))) {
      const isMarked = (isUnfinished && this.#chance(0.5)) || (breakage === 'unfinished trace' && log === 'trace');
      const plain =
        depth === undefined || !this.#chance(0.5)
          ? queueFilePath(DEFAULT_LAYOUT, log, name)
          : pathAtDepth(log, name, depth);
      const path = `${plain}${isMarked ? UNFINISHED_RENAME_SUFFIX : ''}`;
      if (!this.#taken.has(path)) {
        this.#taken.add(path);
        const content = `${log} log of sender${number}@example.com\n`;
        const mode = breakage === 'open to others' ? 0o777 : 0o600;
        putFile(fs, join(queueDirectory, path), { content, mode, ...owner });
        this.#logsAt.push({ log, content, name: name.text });
      }
    }
  }

  #chance(share: number): boolean {
    return this.#options.random() < share;
  }

  #pick<Item>(items: readonly Item[]): Item {
    const item = items[Math.floor(this.#options.random() * items.length)];
    if (item === undefined) {
      throw new Error('nothing to pick from');
    }
    return item;
  }
}

const MODES: Partial<Record<Breakage, readonly number[]>> = {
  'lost mode': [0o640, 0o666, 0o444],
  'stray expiry': [0o750, 0o755, 0o770, 0o777],
  'open to others': [0o704, 0o744],
};

/** In maildrop other modes mean other things. */
const MAILDROP_MODES: Partial<Record<Breakage, readonly number[]>> = {
  'lost mode': [0o640],
  'open to others': [0o777],
};
