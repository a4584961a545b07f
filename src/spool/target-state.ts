/**
 * What a target queue holds before a restore: the names that are in use, and the messages that are there already. A
 * running target moves while it is looked at, so it is listed as a backup lists its source.
 */

import { join } from 'node:path';
import { SystemError } from '../errors.ts';
import { descriptorSource } from '../fs/descriptor-source.ts';
import type { FileStatus } from '../fs/file-system.ts';
import { systemError } from '../fs/system-error.ts';
import { isReady } from '../queue/mode.ts';
import type { Place } from '../queue/place.ts';
import { MESSAGE_QUEUES, type MessageQueueName } from '../queue/queue-name.ts';
import { submissionDigest } from '../record/envelope.ts';
import { examineQueueFile } from '../record/examine.ts';
import { fingerprintOf } from '../record/fingerprint.ts';
import { createDigestTable } from '../table/digest-table.ts';
import { locate } from './locate.ts';
import { type LogListing, listLogs } from './log-listing.ts';
import { describe, openIfThere } from './read-file.ts';
import { type QueueListing, type SettledListing, settledListing } from './scan.ts';
import type { SpoolSource } from './source.ts';

/** Postfix would deliver, or holds, what stands there; corrupt and saved are nobody's. */
const LIVE_QUEUES: ReadonlySet<string> = new Set(['maildrop', 'incoming', 'active', 'deferred', 'hold']);

/** What is known of a message of the archive that may be in the target. */
export interface SoughtMessage {
  readonly queue_name: MessageQueueName;
  readonly fingerprint: string;
  readonly submission: string;
  /** Absent where the file has no arrival time to the microsecond: then a submission can't be told from another. */
  readonly arrival_microseconds?: number | undefined;
}

export interface TargetState {
  /** Whether a name stands in any queue, of messages or logs. */
  readonly isTaken: (queueId: string) => boolean;
  /** Where the same message stands already. */
  readonly find: (message: SoughtMessage) => Place | undefined;
  /** False if the listings took so long that a message may have been missed. */
  readonly settled: boolean;
}

export interface TargetStateOptions {
  readonly minimalBackoffMs: number;
  readonly clock: () => number;
  /**
   * Sizes of the archive's queue files, once it is known that the target holds messages: only files of these sizes are
   * read, unless `submissions` asks for all.
   */
  readonly sought: () => { readonly sizes: ReadonlySet<number>; readonly submissions: boolean };
}

/** Looks over the target. */
export function readTargetState(source: SpoolSource, options: TargetStateOptions): TargetState {
  const listed = settledListing(source.fs, source.queueDirectory, options);
  refuseUnlistable(source, listed);
  const logs = listLogs(source);
  refuseUnlistableLogs(source, logs);
  const messages = readMessages(source, listed.listing, options);
  return {
    isTaken: (queueId) => isSeen(listed, queueId) || logs.queuesOf(queueId).length > 0,
    find: (message) => messages.find(message),
    settled: listed.settled,
  };
}

/** What can't be listed may hold the very names and messages that the restore must know of. */
function refuseUnlistable({ queueDirectory }: SpoolSource, { listing }: SettledListing): void {
  for (const { kind, queueName, name, reason } of listing.strays.values()) {
    if (kind === 'unlistable directory') {
      const path = join(queueDirectory, queueName, name);
      throw new SystemError('refused', `can't list ${path}: ${reason}`, { path, errno: 'EACCES' });
    }
  }
}

function isSeen({ listing }: SettledListing, queueId: string): boolean {
  const index = listing.ids.find(queueId);
  return index !== -1 && listing.isSeen(index);
}

function refuseUnlistableLogs({ queueDirectory }: SpoolSource, { errors }: LogListing): void {
  for (const { queueName, error } of errors) {
    throw systemError(error, { action: "can't list", path: join(queueDirectory, queueName) });
  }
}

/** The messages of the target, of which there may be a million: a place is kept as one number. */
class TargetMessages {
  readonly #listing: QueueListing;
  readonly #byFingerprint = createDigestTable();
  readonly #bySubmission = createDigestTable();

  constructor(listing: QueueListing) {
    this.#listing = listing;
  }

  /** @param index the queue ID's number in the listing. */
  note(index: number, queueName: MessageQueueName, digests: { fingerprint: string; submission?: string }): void {
    const place = index * MESSAGE_QUEUES.length + MESSAGE_QUEUES.indexOf(queueName);
    this.#byFingerprint.set(digests.fingerprint, place);
    if (digests.submission !== undefined) {
      this.#bySubmission.set(digests.submission, place);
    }
  }

  find(message: SoughtMessage): Place | undefined {
    return this.#place(this.#byFingerprint.get(message.fingerprint)) ?? this.#findSubmission(message);
  }

  #findSubmission(message: SoughtMessage): Place | undefined {
    if (message.arrival_microseconds === undefined) {
      return undefined;
    }
    const place = this.#place(this.#bySubmission.get(message.submission));
    // pickup(8) and cleanup(8) write a new file: so one of the two must be of maildrop.
    return message.queue_name === 'maildrop' || place?.queueName === 'maildrop' ? place : undefined;
  }

  #place(number: number | undefined): Place | undefined {
    const queueName = MESSAGE_QUEUES[(number ?? 0) % MESSAGE_QUEUES.length];
    return number === undefined || queueName === undefined
      ? undefined
      : { queueName, queueId: this.#listing.ids.text(Math.floor(number / MESSAGE_QUEUES.length)) };
  }
}

function readMessages(source: SpoolSource, listing: QueueListing, options: TargetStateOptions): TargetMessages {
  const messages = new TargetMessages(listing);
  let sought: ReturnType<TargetStateOptions['sought']> | undefined;
  for (const index of listing.seen()) {
    sought ??= options.sought();
    const { sizes, submissions } = sought;
    const isSought = ({ size }: FileStatus, queueName: string): boolean =>
      submissions || queueName === 'maildrop' || sizes.has(size);
    const sighting = { id: listing.ids.text(index), places: listing.places(index) };
    locate(source, sighting, { look: (place) => noteMessage(source, { index, place, isSought }, messages) });
  }
  return messages;
}

interface Look {
  /** The queue ID's number in the listing. */
  readonly index: number;
  readonly place: string;
  readonly isSought: (status: FileStatus, queueName: string) => boolean;
}

/** Notes the message at a place; undefined if there is none. */
function noteMessage(source: SpoolSource, look: Look, messages: TargetMessages): 'noted' | undefined {
  const fd = openIfThere(source.fs, join(source.queueDirectory, look.place));
  if (fd === undefined) {
    return undefined;
  }
  try {
    const { queueName, status } = describe(source.fs, { fd, place: look.place });
    const isFile = status.type === 'file';
    if (isFile && isMessage(queueName) && isReady(status.mode) && look.isSought(status, queueName)) {
      const bytes = descriptorSource(source.fs, fd, status.size);
      const { envelope, mutableBytes } = examineQueueFile(bytes, queueName);
      const submission = envelope.arrival === undefined ? {} : { submission: submissionDigest(envelope) };
      messages.note(look.index, queueName, { fingerprint: fingerprintOf(bytes, mutableBytes), ...submission });
    }
    return 'noted';
  } finally {
    source.fs.close(fd);
  }
}

function isMessage(queueName: string): queueName is MessageQueueName {
  return LIVE_QUEUES.has(queueName);
}
