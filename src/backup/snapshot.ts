/**
 * A snapshot of a queue that may be running: which messages are read, in which order, and which of the copies count as
 * `queued` in the end. docs/live-snapshots.md tells why this is enough.
 *
 * Round 1 lists the queue, and reads all that is there. Each round after it lists again, and reads what is there and is not
 * in the archive: mail that was not found, was not complete, or has a new ID since (pickup(8) gives one, so does
 * `postsuper -r`). The rounds end when nothing vanished since the listing that could have a new ID by now, and no message
 * may have been read under two IDs: only another listing would show it. What was read, and is neither in the last listing
 * nor anywhere else, has `left`.
 */

import type { LogQueueName, MessageQueueName } from '../queue/queue-name.ts';
import type { Sighting } from '../spool/locate.ts';
import { type LogListing, listLogs, type UnlistedLogs } from '../spool/log-listing.ts';
import { QueueListing, type Stray, settledListing } from '../spool/scan.ts';
import type { Spool } from '../spool/spool.ts';
import { CopyTable } from './copy-table.ts';
import { isStillQueued, type QueuedCopies, whereIs } from './still-queued.ts';
import { DEFAULT_TUNING, type SnapshotTuning } from './tuning.ts';
import { mayHaveTwins, type Twins } from './twins.ts';

/** A message to read. */
export interface Candidate extends Sighting {
  /** The number of its queue ID in the listing. */
  readonly index: number;
  /** Counted from 1. */
  readonly round: number;
  /** The queues that other files of the same ID have in the archive: the queue ID was used again meanwhile. */
  readonly takenQueues: readonly MessageQueueName[];
  /** The log queues that held a log of it before it was to be read. */
  readonly logQueues: readonly LogQueueName[];
  /** T records of copies that have left: a message that has one of them went on under this ID, and is taken whatever is selected. */
  readonly wanted: readonly number[];
}

/** A file that is in the archive now. */
export interface CopyIdentity {
  /** The queue that its entry in the archive is named after. */
  readonly queueName: MessageQueueName;
  readonly inode: bigint;
  readonly size: number;
  readonly birthtimeNs: bigint;
  /** The T record in microseconds since the epoch. */
  readonly arrival: number | undefined;
  /**
   * Of its lineage (record/lineage.ts) 32 bits, as a number: in maildrop those of the submission, elsewhere of the origin.
   * What was made of what has the same. Absent where it is not known: then the arrival alone tells what may be one message.
   */
  readonly kin?: number | undefined;
  /** It had not the mode of a file that is still being written: then it never gets that again. */
  readonly isFinished: boolean;
}

/** `mode lost`: Postfix passes over the file; `shortened`: its line of the catalogue does not say all that the file says. */
export type CopyRemark = 'mode lost' | 'shortened';

/** What became of one file of a candidate. */
export type Outcome =
  | {
      readonly kind: 'copied';
      readonly copy: CopyIdentity;
      /** What is to be said of the copy, though nothing is wrong with it. */
      readonly remarks: readonly CopyRemark[];
    }
  | { readonly kind: 'vanished' }
  | { readonly kind: 'unfinished' }
  /** It is not what was asked for. */
  | { readonly kind: 'not selected' }
  | { readonly kind: 'unreadable'; readonly queueName: string; readonly reason: string };

export interface SnapshotReader {
  /**
   * Reads the candidates, and puts what it could read into the archive. Tells the outcome of each, in the order in which
   * copies stand in the catalogue.
   */
  readAll(candidates: Iterable<Candidate>, tell: (candidate: Candidate, outcome: Outcome) => void): Promise<void>;
  /** The T record of a file, in microseconds since the epoch; undefined where there is none, or no such file. */
  arrivalOf(sighting: Sighting): number | undefined;
}

export interface SnapshotOptions {
  readonly spool: Spool;
  readonly reader: SnapshotReader;
  readonly queues: readonly MessageQueueName[];
  /** Whether a message of this queue ID may be selected: what may not is not opened. Absent: all are. */
  readonly mayBeSelected?: (queueId: string) => boolean;
  /** Postfix is stopped: pickup(8) removes nothing that it took. */
  readonly isStopped?: boolean;
  /** minimal_backoff_time. */
  readonly minimalBackoffMs: number;
  /** When it is taken, in nanoseconds since the epoch: what was written to lately may still be being written. */
  readonly nowNs: bigint;
  /** Milliseconds, from any start, that never go back. */
  readonly clock: () => number;
  /** Lets a moment go by, of some hundredths of a second. */
  readonly pause: () => Promise<void>;
  /** Told after each union of listings: how many queue IDs are known. */
  readonly onListing?: (names: number) => void;
  /** Told what can't be listed of the logs, before the messages are read. */
  readonly onUnlistedLogs?: (errors: readonly UnlistedLogs[]) => void;
  readonly tuning?: Partial<SnapshotTuning>;
}

/** One union of listings, with the reading after it. */
export interface Round {
  readonly listings: number;
  /** How many IDs were in the listing. */
  readonly names: number;
  /** How many of them were to be read. */
  readonly read: number;
  readonly vanished: number;
  readonly listingMs: number;
  readonly readingMs: number;
  readonly settled: boolean;
}

export interface UnreadableMessage {
  readonly queueName: string;
  readonly queueId: string;
  readonly reason: string;
}

export interface Snapshot {
  readonly rounds: readonly Round[];
  readonly settled: boolean;
  /** Files that were still being written in the end. */
  readonly incomplete: number;
  /** By queue ID, in no order. */
  readonly unreadable: readonly UnreadableMessage[];
  /** Messages that stood in the queues at the end, and were not selected. */
  readonly notSelected: number;
  /** Whether a file of this queue ID was read, or was not selected. */
  readonly isKnown: (queueId: string) => boolean;
  /** Names that are no queue IDs, and directories that can't be listed. */
  readonly strays: readonly Stray[];
  /** How many copies each remark was made of. */
  readonly remarks: ReadonlyMap<CopyRemark, number>;
  /** Of one message in maildrop there may be another copy, which pickup(8) has made of it: the rounds did not tell. */
  readonly mayBeTwice: boolean;
  /** How many copies there are, and of each whether it has left, by its number in the order of telling. */
  readonly copies: number;
  readonly hasLeft: (copy: number) => boolean;
}

/** What the rounds know so far. */
interface State {
  readonly options: SnapshotOptions;
  readonly tuning: SnapshotTuning;
  readonly listing: QueueListing;
  readonly copies: CopyTable;
  /** Where the copies are looked for. */
  readonly queued: QueuedCopies;
  readonly unfinished: Set<number>;
  readonly notSelected: Set<number>;
  readonly unreadable: Map<number, UnreadableMessage>;
  readonly remarks: Map<CopyRemark, number>;
}

export async function takeSnapshot(options: SnapshotOptions): Promise<Snapshot> {
  const tuning = { ...DEFAULT_TUNING, ...options.tuning };
  const [listing, copies] = [new QueueListing(), new CopyTable()];
  const state: State = {
    options,
    tuning,
    listing,
    copies,
    queued: queuedCopies(options, { listing, copies, lookupRounds: tuning.lookupRounds }),
    unfinished: new Set(),
    notSelected: new Set(),
    unreadable: new Map(),
    remarks: new Map(),
  };
  const rounds: Round[] = [];
  // Each reason has rounds of its own: what vanishes in the last one that twins asked for is looked for, too.
  const made = { forVanished: 1, forTwins: 0 };
  for (let round = 1; ; round += 1) {
    const taken = await takeRound(state, round);
    rounds.push(taken);
    // Round 2 is always made: it tells what has left.
    if (made.forVanished < tuning.maximumRounds && (round === 1 || taken.vanished > 0)) {
      made.forVanished += 1;
    } else if (await isWorthAnother(state, made.forTwins)) {
      made.forTwins += 1;
    } else {
      break;
    }
  }
  return {
    rounds,
    settled: rounds.every((taken) => taken.settled),
    incomplete: state.unfinished.size + state.listing.nameless.size,
    unreadable: [...state.unreadable.values()],
    notSelected: state.notSelected.size,
    isKnown: (queueId) => isKnown(state, queueId),
    strays: [...state.listing.strays.values()],
    remarks: state.remarks,
    mayBeTwice: made.forTwins > 0 && twinsNow(state) !== 'no',
    copies: state.copies.size,
    hasLeft: (copy) => state.copies.hasLeft(copy),
  };
}

function queuedCopies(
  { spool, nowNs, reader }: SnapshotOptions,
  known: Pick<QueuedCopies, 'listing' | 'copies' | 'lookupRounds'>,
): QueuedCopies {
  return { ...known, spool, nowNs, arrivalOf: (sighting) => reader.arrivalOf(sighting) };
}

function isKnown({ listing, copies, notSelected }: State, queueId: string): boolean {
  const index = listing.ids.find(queueId);
  return index !== -1 && (copies.ofId(index).length > 0 || notSelected.has(index));
}

/** Whether another round may tell. Gives pickup(8) a moment where it has not removed what it took. */
async function isWorthAnother(state: State, roundsMade: number): Promise<boolean> {
  const { maximumTwinRounds, maximumUnlikeTwinRounds } = state.tuning;
  if (roundsMade >= maximumTwinRounds) {
    return false;
  }
  const twins = twinsNow(state);
  const isPatient = twins === 'alike, in maildrop' && state.options.isStopped !== true;
  if (twins !== 'gone' && !isPatient && roundsMade >= maximumUnlikeTwinRounds) {
    return false;
  }
  if (twins === 'alike, in maildrop' || twins === 'unlike, in maildrop') {
    await state.options.pause();
  }
  return twins !== 'no';
}

function twinsNow({ copies, queued }: State): Twins {
  return mayHaveTwins(copies, (copy) => whereIs(queued, copy));
}

async function takeRound(state: State, round: number): Promise<Round> {
  const { options, tuning, listing } = state;
  const { fs, queueDirectory } = options.spool;
  const listed = settledListing(fs, queueDirectory, {
    queues: options.queues,
    minimalBackoffMs: options.minimalBackoffMs,
    clock: options.clock,
    listing,
    listings: tuning.listings,
    attempts: tuning.attempts,
  });
  options.onListing?.(listing.ids.size);
  forgetWhatIsGone(state);
  const counts = { names: 0, read: 0, vanished: markWhatHasLeft(state) };
  const start = options.clock();
  if (round === 1 || tuning.readsSuccessors) {
    await options.reader.readAll(candidates(state, round, counts), (candidate, outcome) => {
      counts.vanished += outcome.kind === 'vanished' ? 1 : 0;
      note(state, candidate, outcome);
    });
  }
  const readingMs = options.clock() - start;
  return { ...counts, listings: listed.listings, listingMs: listed.milliseconds, readingMs, settled: listed.settled };
}

/**
 * Tells of each copy whether it has left.
 *
 * @returns how many were in the listing, perhaps, but are gone by now: something else has their ID.
 */
function markWhatHasLeft(state: State): number {
  let vanished = 0;
  for (let copy = 0; copy < state.copies.size; copy += 1) {
    const hasLeft = !isStillQueued(state.queued, copy);
    const isReplaced = hasLeft && !state.copies.hasLeft(copy) && state.listing.isSeen(state.copies.get(copy).id);
    vanished += isReplaced ? 1 : 0;
    state.copies.setLeft(copy, hasLeft);
  }
  return vanished;
}

/** What is in the listing and not in the archive. */
function* candidates(state: State, round: number, counts: { names: number; read: number }): Generator<Candidate> {
  let logs: LogListing | undefined;
  // Where all are selected, what went on is taken anyway.
  const wanted = state.options.mayBeSelected === undefined ? [] : state.copies.arrivalsThatLeft();
  for (const index of state.listing.seen()) {
    counts.names += 1;
    const copies = state.copies.ofId(index);
    const id = state.listing.ids.text(index);
    if (copies.every((copy) => state.copies.hasLeft(copy))) {
      if (wanted.length === 0 && copies.length === 0 && isPassedOver(state, index, id)) {
        continue;
      }
      counts.read += 1;
      // Later rounds often find nothing to read.
      logs ??= listedLogs(state.options);
      yield {
        index,
        round,
        id,
        logQueues: logs.queuesOf(id),
        paths: state.listing.paths(index),
        takenQueues: copies.map((copy) => state.copies.get(copy).queueName),
        wanted,
      };
    }
  }
}

/** Whether a message need not be read: it was not selected before, or can't be by its ID. */
function isPassedOver({ options, notSelected }: State, index: number, id: string): boolean {
  if (options.mayBeSelected?.(id) === false) {
    notSelected.add(index);
  }
  return notSelected.has(index);
}

function listedLogs({ spool, onUnlistedLogs }: SnapshotOptions): LogListing {
  const logs = listLogs(spool);
  onUnlistedLogs?.(logs.errors);
  return logs;
}

function note(
  { copies, unfinished, notSelected, unreadable, remarks }: State,
  { index, id, round }: Candidate,
  outcome: Outcome,
): void {
  if (outcome.kind === 'unfinished') {
    unfinished.add(index);
    return;
  }
  unfinished.delete(index);
  unreadable.delete(index);
  if (outcome.kind === 'not selected') {
    notSelected.add(index);
  } else if (outcome.kind === 'copied') {
    notSelected.delete(index);
    copies.add({ ...outcome.copy, id: index, round });
    for (const remark of outcome.remarks) {
      remarks.set(remark, (remarks.get(remark) ?? 0) + 1);
    }
  } else if (outcome.kind === 'unreadable') {
    unreadable.set(index, { queueName: outcome.queueName, queueId: id, reason: outcome.reason });
  }
}

function forgetWhatIsGone({ listing, unfinished, notSelected, unreadable }: State): void {
  for (const index of [...unfinished, ...notSelected, ...unreadable.keys()]) {
    if (!listing.isSeen(index)) {
      unfinished.delete(index);
      notSelected.delete(index);
      unreadable.delete(index);
    }
  }
}
