/**
 * What is in a queue directory, when Postfix moves it about meanwhile.
 *
 * One listing of the directories, one after the other, misses a message if it is renamed from a directory not yet listed
 * into one that is listed already. So each listing that misses it costs it one rename. Within less than
 * minimal_backoff_time qmgr(8) renames a message at most twice (deferred → active needs an mtime that is past, active →
 * deferred puts it at least minimal_backoff_time ahead: qmgr_active.c), and whatever an administrator does adds one.
 * Hence the union of five listings, back to back.
 */

import type { FileSystem } from '../fs/file-system.ts';
import { parseQueueId, UNFINISHED_RENAME_SUFFIX } from '../queue/queue-id.ts';
import { MESSAGE_QUEUES, type MessageQueueName } from '../queue/queue-name.ts';
import { Column } from '../table/column.ts';
import { QueueIdTable } from '../table/queue-id-table.ts';
import { reasonOf } from './reason.ts';
import { walkDirectories } from './spool.ts';

/** Something in a queue directory that is no queue file, or can't be listed. */
export interface Stray {
  readonly kind: 'name' | 'unlistable directory';
  readonly queueName: MessageQueueName;
  /** As it is named below the queue's directory. */
  readonly name: string;
  readonly reason: string;
}

/** mail_queue_enter() creates `microseconds.pid` and renames it to a queue ID right away. */
const NAMELESS_YET = /^\d+\.\d+$/;
/** What an NFS client makes of a file that is removed while it is open. */
const NFS_REMOVED = /^\.nfs[0-9a-f]+$/i;

/** The names that were seen in the directories of the message queues, listing upon listing. */
export class QueueListing {
  readonly ids: QueueIdTable = new QueueIdTable();
  /** Counts the unions; 0 before the first. */
  generation = 0;
  /** Names that are no queue IDs, of the present union, by path. */
  strays: Map<string, Stray> = new Map();
  /** Files that had no queue ID yet, of the present union. */
  nameless: Set<string> = new Set();

  #directories: string[] = [];
  #directoryNumbers = new Map<string, number>();
  /** Where an ID was seen last: twice the directory's number, plus one for `ID#FIX`. */
  readonly #lastSeenAt = new Column((length) => new Uint32Array(length));
  readonly #seenIn = new Column((length) => new Uint8Array(length));
  /** The others of the few IDs that were seen at several in the present union. */
  #othersSeenAt = new Map<number, number[]>();

  /** Begins a new union: nothing was seen in it yet; IDs keep their numbers. */
  begin(): void {
    this.generation += 1;
    this.strays = new Map();
    this.nameless = new Set();
    this.#othersSeenAt = new Map();
  }

  /** Whether the ID was seen in the present union. */
  isSeen(index: number): boolean {
    return this.#seenIn.values[index] === this.generation;
  }

  /** The numbers of the IDs that were seen in the present union. */
  *seen(): Generator<number> {
    for (let index = 0; index < this.ids.size; index += 1) {
      if (this.isSeen(index)) {
        yield index;
      }
    }
  }

  /** Where the ID was seen in the present union, relative to the queue directory, the last first. */
  paths(index: number): string[] {
    const last = this.#lastSeenAt.values[index] ?? 0;
    return [last, ...(this.#othersSeenAt.get(index) ?? [])].map((at) => this.#pathSeen(index, at));
  }

  /** Notes the names in a directory of a message queue. */
  note(queueName: MessageQueueName, directory: string, names: readonly string[]): void {
    const at = this.#directoryNumber(directory) * 2;
    for (const name of names) {
      const isUnfinishedRename = name.endsWith(UNFINISHED_RENAME_SUFFIX);
      const index = this.#indexOf(isUnfinishedRename ? name.slice(0, -UNFINISHED_RENAME_SUFFIX.length) : name);
      if (index === -1) {
        this.#noteStray(queueName, directory, name);
      } else {
        this.#noteSeen(index, at + (isUnfinishedRename ? 1 : 0));
      }
    }
  }

  /** The number of a queue ID, or -1 where the text is none. */
  #indexOf(text: string): number {
    const index = this.ids.find(text);
    return index === -1 && parseQueueId(text) !== undefined ? this.ids.add(text) : index;
  }

  #noteSeen(index: number, at: number): void {
    this.#lastSeenAt.reserve(index + 1);
    this.#seenIn.reserve(index + 1);
    const previous = this.#lastSeenAt.values[index] ?? 0;
    this.#lastSeenAt.values[index] = at;
    if (!this.isSeen(index)) {
      this.#seenIn.values[index] = this.generation;
    } else if (previous !== at) {
      const others = (this.#othersSeenAt.get(index) ?? []).filter((other) => other !== at);
      this.#othersSeenAt.set(index, [previous, ...others]);
    }
  }

  #noteStray(queueName: MessageQueueName, directory: string, name: string): void {
    if (NFS_REMOVED.test(name)) {
      return;
    }
    const path = `${directory}/${name}`;
    if (NAMELESS_YET.test(name)) {
      this.nameless.add(path);
    } else {
      const belowQueue = path.slice(queueName.length + 1);
      this.strays.set(path, { kind: 'name', queueName, name: belowQueue, reason: 'the name is no queue ID' });
    }
  }

  #directoryNumber(directory: string): number {
    let number = this.#directoryNumbers.get(directory);
    if (number === undefined) {
      number = this.#directories.push(directory) - 1;
      this.#directoryNumbers.set(directory, number);
    }
    return number;
  }

  #pathSeen(index: number, at: number): string {
    const suffix = at % 2 === 1 ? UNFINISHED_RENAME_SUFFIX : '';
    return `${this.#directories[at >>> 1]}/${this.ids.text(index)}${suffix}`;
  }
}

export interface ScanOptions {
  /** Default: all message queues. They are listed in this order, and mail moves from maildrop to incoming. */
  readonly queues?: readonly MessageQueueName[];
}

/** Lists the directories once, and notes what is there. Directories that can't be listed are noted as strays. */
export function listQueues(
  fs: FileSystem,
  queueDirectory: string,
  { queues = MESSAGE_QUEUES, listing = new QueueListing() }: ScanOptions & { readonly listing?: QueueListing } = {},
): QueueListing {
  if (listing.generation === 0) {
    listing.begin();
  }
  for (const queueName of MESSAGE_QUEUES.filter((name) => queues.includes(name))) {
    for (const { path, files, error } of walkDirectories(fs, queueDirectory, queueName)) {
      if (error !== undefined) {
        const reason = `the directory can't be listed: ${reasonOf(error)}`;
        const name = path.slice(queueName.length + 1);
        listing.strays.set(path, { kind: 'unlistable directory', queueName, name, reason });
      }
      listing.note(queueName, path, files);
    }
  }
  return listing;
}

export interface SettledListingOptions extends ScanOptions {
  /** minimal_backoff_time in milliseconds: the listings of a union must take less. */
  readonly minimalBackoffMs: number;
  /** Milliseconds, from any start, that never go back. */
  readonly clock: () => number;
  /** The union is laid into this one, as a new generation. */
  readonly listing?: QueueListing;
  /** Default 5: two renames by qmgr(8), two by administrators, and one listing that sees the message. */
  readonly listings?: number;
  /** How often it is tried to be fast enough. Default 3. */
  readonly attempts?: number;
}

export interface SettledListing {
  readonly listing: QueueListing;
  /** Whether the listings of one attempt took less than minimal_backoff_time: nothing that stayed was missed. */
  readonly settled: boolean;
  /** How many listings there were in all. */
  readonly listings: number;
  readonly milliseconds: number;
}

/** The union of several listings, back to back. Too slow a series is done again, and added to the union. */
export function settledListing(fs: FileSystem, queueDirectory: string, options: SettledListingOptions): SettledListing {
  const { minimalBackoffMs, clock, listing = new QueueListing(), listings = 5, attempts = 3 } = options;
  const start = clock();
  listing.begin();
  for (let attempt = 1; ; attempt += 1) {
    const attemptStart = clock();
    for (let count = 0; count < listings; count += 1) {
      listQueues(fs, queueDirectory, { ...options, listing });
    }
    const settled = clock() - attemptStart < minimalBackoffMs;
    if (settled || attempt >= attempts) {
      return { listing, settled, listings: attempt * listings, milliseconds: clock() - start };
    }
  }
}
