/**
 * What a target queue holds before a restore: the names that are in use, and the messages that are there already. A
 * running target moves while it is looked at, so it is listed as a backup lists its queue, and again while what was
 * listed is gone when it is read: pickup(8) gives a new queue ID, which only another listing shows.
 */

import { join } from 'node:path';
import { SystemError } from '../errors.ts';
import { DescriptorSource } from '../fs/descriptor-source.ts';
import type { FileStatus, FileSystem } from '../fs/file-system.ts';
import { errnoOf, systemError } from '../fs/system-error.ts';
import { isReady } from '../queue/mode.ts';
import type { Place } from '../queue/place.ts';
import type { MessageQueueName } from '../queue/queue-name.ts';
import { examineQueueFile } from '../record/examine.ts';
import { fingerprintOf } from '../record/fingerprint.ts';
import { lineageOf } from '../record/lineage.ts';
import { printableAddress } from '../record/printable-address.ts';
import { locate } from './locate.ts';
import { type LogListing, listLogs } from './log-listing.ts';
import { describe, openIfThere } from './read-file.ts';
import { QueueListing, type SettledListing, settledListing } from './scan.ts';
import type { Spool } from './spool.ts';
import { type Identity, type SoughtMessage, TargetMessages } from './target-messages.ts';

/** Postfix would deliver, or holds, what stands there; corrupt and saved are nobody's. */
const LIVE_QUEUES: ReadonlySet<string> = new Set(['maildrop', 'incoming', 'active', 'deferred', 'hold']);

/** Listings with reading after them, while something vanishes between the two: as many as a backup makes. */
const MAXIMUM_ROUNDS = 5;
const EXAMPLES = 5;

export interface TargetState {
  /** Whether a name stands in any queue, of messages or logs. */
  readonly isTaken: (queueId: string) => boolean;
  /** Where the same message stands already. */
  readonly find: (message: SoughtMessage) => Place | undefined;
  /** How many messages were found, in all queues. */
  readonly messages: number;
  /** Files that are not mail_owner's, where Postfix delivers from or holds. In maildrop they are their submitters'. */
  readonly foreign: ForeignFiles;
  /** False if a message may have been missed: the listings took too long, or what was listed never stopped vanishing. */
  readonly settled: boolean;
}

export interface ForeignFiles {
  readonly files: number;
  /** The first few. */
  readonly examples: readonly Place[];
}

export interface TargetStateOptions {
  /** The number of mail_owner. */
  readonly mailOwner: number;
  readonly minimalBackoffMs: number;
  readonly clock: () => number;
  /** Whether cleanup(8) may have made another sender of one: canonical maps. */
  readonly anySender: boolean;
  /**
   * Sizes of the archive's queue files, once it is known that the target holds messages: only files of these sizes are
   * read, unless `allLineages` asks for all.
   */
  readonly sought: () => Sought;
}

interface Sought {
  readonly sizes: ReadonlySet<number>;
  readonly allLineages: boolean;
}

/** Looks over the target. */
export function readTargetState(spool: Spool, options: TargetStateOptions): TargetState {
  const listing = new QueueListing();
  const reading = new TargetReading(spool, listing, options);
  let settled = true;
  let vanished = 0;
  for (let round = 1; round === 1 || (vanished > 0 && round <= MAXIMUM_ROUNDS); round += 1) {
    const listed = settledListing(spool.fs, spool.queueDirectory, { ...options, listing });
    refuseUnlistable(spool, listed);
    settled &&= listed.settled;
    vanished = reading.readNew();
  }
  const logs = listLogs(spool);
  refuseUnlistableLogs(spool, logs);
  return {
    isTaken: (queueId) => listing.ids.find(queueId) !== -1 || logs.queuesOf(queueId).length > 0,
    find: (message) => reading.messages.find(message),
    messages: [...listing.seen()].length,
    foreign: reading.foreign,
    settled: settled && vanished === 0,
  };
}

/** What can't be listed may hold the very names and messages that the restore must know of. */
function refuseUnlistable({ queueDirectory }: Spool, { listing }: SettledListing): void {
  for (const { kind, queueName, name, reason } of listing.strays.values()) {
    if (kind === 'unlistable directory') {
      const path = join(queueDirectory, queueName, name);
      throw new SystemError('refused', `can't list ${path}: ${reason}`, { path, errno: 'EACCES' });
    }
  }
}

function refuseUnlistableLogs({ queueDirectory }: Spool, { errors }: LogListing): void {
  for (const { queueName, error } of errors) {
    throw systemError(error, { action: "can't list", path: join(queueDirectory, queueName) });
  }
}

/** The reading of what is listed, each message once. */
class TargetReading {
  readonly messages: TargetMessages;
  readonly #spool: Spool;
  readonly #listing: QueueListing;
  readonly #options: TargetStateOptions;
  /** The numbers of the queue IDs that need no more reading. */
  readonly #done = new Set<number>();
  readonly #examples: Place[] = [];
  #foreign = 0;
  #sought: Sought | undefined;

  constructor(spool: Spool, listing: QueueListing, options: TargetStateOptions) {
    this.#spool = spool;
    this.#listing = listing;
    this.#options = options;
    this.messages = new TargetMessages(listing.ids, options.anySender);
  }

  get foreign(): ForeignFiles {
    return { files: this.#foreign, examples: this.#examples };
  }

  /**
   * Reads what is in the present listing and was not read before.
   *
   * @returns how many messages of it are gone, and may have another queue ID by now
   */
  readNew(): number {
    let vanished = 0;
    for (const index of this.#listing.seen()) {
      if (!this.#done.has(index)) {
        const sighting = { id: this.#listing.ids.text(index), paths: this.#listing.paths(index) };
        const found = locate(this.#spool, sighting, { look: (path) => this.#readAt(index, path) });
        vanished += found === undefined ? 1 : 0;
        if (found === 'read') {
          this.#done.add(index);
        }
      }
    }
    return vanished;
  }

  /** Notes the message at a place; undefined if there is none. One that is still being written is read later. */
  #readAt(index: number, path: string): 'read' | 'unfinished' | undefined {
    const { fs, queueDirectory } = this.#spool;
    const fd = openUnlessClosed(fs, join(queueDirectory, path));
    if (typeof fd !== 'number') {
      return fd;
    }
    try {
      const { queueName, status } = describe(this.#spool, { fd, path });
      if (status.type !== 'file' || !isLive(queueName)) {
        return 'read';
      }
      this.#noteOwner({ queueName, queueId: this.#listing.ids.text(index) }, status);
      if (!isReady(status.mode)) {
        return 'unfinished';
      }
      if (this.#isSought(status, queueName)) {
        this.messages.note(index, queueName, this.#identify(fd, queueName, status.size));
      }
      return 'read';
    } finally {
      fs.close(fd);
    }
  }

  #noteOwner(place: Place, { uid, mode }: FileStatus): void {
    if (uid !== this.#options.mailOwner && place.queueName !== 'maildrop' && isReady(mode)) {
      this.#foreign += 1;
      if (this.#examples.length < EXAMPLES) {
        this.#examples.push(place);
      }
    }
  }

  #isSought({ size }: FileStatus, queueName: MessageQueueName): boolean {
    this.#sought ??= this.#options.sought();
    const { sizes, allLineages } = this.#sought;
    return allLineages || queueName === 'maildrop' || sizes.has(size);
  }

  #identify(fd: number, queueName: MessageQueueName, size: number): Identity {
    const bytes = new DescriptorSource(this.#spool.fs, fd, size);
    const examination = examineQueueFile(bytes, queueName);
    const { envelope, mutableBytes } = examination;
    const hasLineage = queueName === 'maildrop' || this.#sought?.allLineages === true;
    return {
      fingerprint: fingerprintOf(bytes, mutableBytes),
      lineage: hasLineage ? lineageOf(examination, bytes) : undefined,
      sender: printableAddress(envelope.sender ?? new Uint8Array(0)),
    };
  }
}

/**
 * Opens a file if it is there. What is not ready Postfix passes over, readable or not: a submission is its submitter's alone
 * while postdrop(1) writes it. And what is no file, a link or a socket, is no message.
 *
 * @throws SystemError: it is ready, and not to be read: nobody can tell which message it is
 */
function openUnlessClosed(fs: FileSystem, path: string): number | 'read' | 'unfinished' | undefined {
  try {
    return openIfThere(fs, path);
  } catch (error) {
    const status = fs.lstat(path);
    if (status === undefined || status.type !== 'file') {
      return status === undefined ? undefined : 'read';
    }
    if (!isReady(status.mode)) {
      return 'unfinished';
    }
    const nextStep = errnoOf(error) === 'EACCES' ? GIVE_BACK : MEND_DISK;
    throw systemError(error, { action: "can't read", path, nextStep });
  }
}

const GIVE_BACK = "Make it mail_owner's again (chown): the queue manager stops at such a file, too.";
const MEND_DISK = 'It may be a message of the archive: mend that first.';

function isLive(queueName: string): queueName is MessageQueueName {
  return LIVE_QUEUES.has(queueName);
}
