/**
 * Carries a sealed journal out: names, durability, ready bits, in the order that `journal/placement.ts` gives the reasons
 * for. Finishing an interrupted restore is this very function, after a look at what has become of everything (recover.ts).
 *
 * The ready bits come batch by batch, so that a cut leaves no more than a batch unready under one name. One sync serves
 * three batches at once: it makes the ready bits of the one before durable, the removal of the staged names of this one,
 * and the mark that this one is next.
 */

import { dirname } from 'node:path';
import { inBatches } from '../batches.ts';
import { SystemError } from '../errors.ts';
import { directoriesOf, makeDurable } from '../fs/durable.ts';
import { systemError } from '../fs/system-error.ts';
import type { Pace } from '../pace.ts';
import { atPace } from './at-pace.ts';
import { eachEntry, nextTurn } from './each-entry.ts';
import type { JournalEntry } from './journal.ts';
import { CarriedJournal, type CurrentEntry, type KnownJournal } from './journal-file.ts';
import { linkAll } from './link-all.ts';
import { HANDED_OVER, openMarks, READY } from './marks.ts';
import { obstacleOf } from './obstacle.ts';
import type { PaceClock } from './pacer.ts';
import { finalPath, finalPaths, type PlacementTarget, stagedPaths } from './placement.ts';
import { dropOldLogNames, dropStagedMessage, makeReady, setExactTime } from './readiness.ts';
import { condenseJournals } from './receipt-file.ts';
import { recover } from './recover.ts';
import type { LabelFaults } from './relabel.ts';
import { stagingRemoval } from './staging-directory.ts';
import { withdraw } from './withdraw.ts';
import { Work, type WorkListener } from './work.ts';

/**
 * So many messages lose their staged names, and get their ready bits, between two syncs. Measured with 20,000 messages and
 * their logs (processor time of this step, means of three): one batch 1.37 s on tmpfs and 1.97 s on ext4, batches of 1000
 * 1.40 and 1.86, of 500 1.42 and 1.86, of 200 1.47 and 1.98.
 */
const BATCH_MESSAGES = 1000;
/** So often what is not where it should be is searched for, and put into the queue again. */
const ROUNDS = 3;

export interface CarryOutOptions extends WorkListener {
  readonly target: PlacementTarget;
  readonly journal: string;
  /** Absolute: it is removed in the end. */
  readonly stagingDirectory: string;
  /** How far its messages are. */
  readonly known: KnownJournal;
  /** By a run before this one: what has become of the messages has to be found out. */
  readonly isResumed?: boolean;
  /** Where SELinux is on: gives the files the labels that their places ask for, before they are made ready. */
  readonly relabel?: (paths: Iterable<string>) => LabelFaults;
  readonly signal?: AbortSignal;
  /** Told for each genuine submission that is made ready as mail_owner's. */
  readonly onUnproven?: (entry: JournalEntry) => void;
  /** ISO 8601: when the restore was finished. */
  readonly now: () => Date;
  readonly batchMessages?: number;
  /** Absent: all at once. */
  readonly pace?: Pace;
  /** The pace is kept by it. */
  readonly clock?: PaceClock;
}

/**
 * Carries out a sealed journal, from wherever it was cut off. What can't be placed is told, message by message, and the
 * rest is carried out.
 *
 * @returns 'done': only its receipt is left; 'unfinished' if messages wait for another run
 * @throws InterruptedError: between two messages, when the signal says so: the same command goes on
 * @throws SystemError: the journal stays, and can be carried out later
 * @throws the error of the failed call: likewise
 */
export async function carryOut(options: CarryOutOptions): Promise<'done' | 'unfinished'> {
  const { target } = options;
  const outcome = await carryOutJournal(options);
  if (outcome === 'done') {
    condenseJournals(target.fs, target.queueDirectory);
  }
  return outcome;
}

async function carryOutJournal(options: CarryOutOptions): Promise<'done' | 'unfinished'> {
  const { target } = options;
  const journal = new CarriedJournal(target.fs, options.journal, options.known);
  try {
    return await carryOutAll(options, new Work(target, journal, options));
  } catch (error) {
    throw systemError(error, {
      action: "can't put all messages into",
      path: target.queueDirectory,
      nextStep: 'Mend that, and run the same command again: it goes on where this one stopped.',
    });
  } finally {
    journal.close();
  }
}

async function carryOutAll(options: CarryOutOptions, work: Work): Promise<'done' | 'unfinished'> {
  if (options.isResumed === true) {
    await recover(work, options);
  }
  if (options.pace === undefined) {
    await carryOutDue(options, work);
  } else {
    await atPace({ ...options, pace: options.pace }, work, () => carryOutDue(options, work));
  }
  return finish(options, work);
}

/** Those that have their turn. */
async function carryOutDue(options: CarryOutOptions, work: Work): Promise<void> {
  for (let round = 1; work.count('staged') + work.count('placed') > 0; round += 1) {
    await carryOutRound(options, work);
    if (work.count('astray') === 0) {
      break;
    }
    if (round === ROUNDS) {
      await eachEntry(options, work.entries('astray'), (current) => {
        work.getStuck(current, 'it is moved again and again, or keeps a second name, while it is restored');
      });
      break;
    }
    await recover(work, options);
  }
}

async function carryOutRound(options: CarryOutOptions, work: Work): Promise<void> {
  const { target } = work;
  const { fs, queueDirectory: root } = target;
  await withdraw(work, options);
  await linkAll(work, options);
  const placed = (): Iterable<CurrentEntry> => work.entries('linked', 'placed');
  // Names and hash directories are durable before a staged name goes: they may be the only ones.
  // (restore-order.test.ts, "no sync of the names" and "hash directories whose names are not on disk")
  const linkedIn = onDemand(() => queueDirectories(target, placed()));
  const durability = makeDurable(fs, { root, files: [], directories: linkedIn });
  await relabelAll(options, work);
  let before: readonly CurrentEntry[] = [];
  for await (const batch of batches(options, placed())) {
    await makeBatchReady(options, work, { batch: before, durability });
    before = dropStaged(work, batch);
    for (const { entry } of before) {
      dropOldLogNames(work.target, entry);
    }
    makeBatchDurable(work, before);
  }
  await makeBatchReady(options, work, { batch: before, durability });
  makeBatchDurable(work, []);
}

/** What has not the label of its place Postfix might not be able to read: it waits. */
async function relabelAll(options: CarryOutOptions, work: Work): Promise<void> {
  const { target } = work;
  const faults = options.relabel?.(everyFinalPath(target, work.entries('linked', 'placed')));
  if (faults === undefined || faults.size === 0) {
    return;
  }
  await eachEntry(options, work.entries('linked', 'placed'), (current) => {
    const fault = finalPaths(target, current.entry)
      .map((path) => faults.get(path))
      .find((one) => one !== undefined);
    if (fault !== undefined) {
      work.getStuck(current, fault);
    }
  });
}

/** Lets other work have its turn between two; behind what is left over in the end the ready bits come at once. */
async function* batches(
  { batchMessages = BATCH_MESSAGES, signal }: CarryOutOptions,
  entries: Iterable<CurrentEntry>,
): AsyncGenerator<readonly CurrentEntry[]> {
  for (const batch of inBatches(entries, batchMessages)) {
    yield batch;
    if (batch.length === batchMessages) {
      await nextTurn(signal);
    }
  }
}

/** Returns the messages that have their own name, and no other. */
function dropStaged(work: Work, batch: readonly CurrentEntry[]): readonly CurrentEntry[] {
  return batch.flatMap((current) => {
    const { index, entry } = current;
    if (work.step(index) === 'placed') {
      return [current];
    }
    const place = dropStagedMessage(work.target, current);
    work.setStep(index, place === undefined ? 'astray' : 'placed');
    if (place === undefined) {
      return [];
    }
    const { queueName, queueId } = place;
    if (queueName === entry.newQueueName && queueId === entry.newQueueId) {
      return [current];
    }
    work.journal.move(current, { queueName, queueId, inode: entry.inode });
    return [{ ...current, entry: { ...entry, newQueueName: queueName, newQueueId: queueId } }];
  });
}

/**
 * After this the messages of `next` may be made ready: no message has a second name before it is, whatever a crash undoes,
 * and the journal knows which they are. What was made ready before is Postfix's.
 * (restore-order.test.ts, "no sync of the staged names that are gone" and "ready before the staged name is gone")
 */
function makeBatchDurable({ target, journal }: Work, next: readonly CurrentEntry[]): void {
  const { fs, queueDirectory: root } = target;
  for (const mark of openMarks(next.map(({ index }) => index))) {
    journal.mark(mark);
  }
  const unlinkedIn = onDemand(() => stagingDirectories(target, next));
  if (makeDurable(fs, { root, files: [], directories: unlinkedIn }) === 'each') {
    journal.sync();
  }
  journal.mark({ kind: '*' });
}

interface ReadyBatch {
  readonly batch: readonly CurrentEntry[];
  readonly durability: 'whole' | 'each';
}

async function makeBatchReady(options: CarryOutOptions, work: Work, { batch, durability }: ReadyBatch): Promise<void> {
  await eachEntry(options, batch, (current) => {
    try {
      const outcome = makeReady(work.target, current.entry, durability);
      if (outcome === 'astray') {
        work.setStep(current.index, 'astray');
        return;
      }
      if (outcome === 'kept') {
        options.onUnproven?.(current.entry);
      }
      work.handedOver(current);
    } catch (error) {
      const reason = obstacleOf(error);
      if (reason === undefined) {
        throw error;
      }
      work.getStuck(current, reason);
    }
  });
}

async function finish(options: CarryOutOptions, work: Work): Promise<'done' | 'unfinished'> {
  const { target, journal } = work;
  if (work.count('stuck') > 0) {
    return 'unfinished';
  }
  refuseSkipped(work, work.count('over'));
  // What is left there are second names of logs.
  for (const _ of stagingRemoval(target.fs, options.stagingDirectory)) {
    await nextTurn(options.signal);
  }
  makeDurable(target.fs, { root: target.queueDirectory, files: [], directories: [dirname(journal.path)] });
  await setExactTimes(options, work);
  journal.finish(options.now().toISOString());
  return 'done';
}

/**
 * The journal is read again for each step. If somebody has changed it meanwhile, or a disk, or another host over NFS, what
 * could not be read of it has had no turn: it is staged still, and must not be removed.
 * (carry-out.test.ts, "removes no message that could not be read in the journal any more")
 */
function refuseSkipped({ journal }: Work, over: number): void {
  const skipped = journal.states.size - over;
  if (skipped > 0) {
    throw new SystemError('io', `the journal ${journal.path} is not what it was: ${skipped} of its messages wait`, {
      path: journal.path,
      errno: 'EBADMSG',
    });
  }
}

/**
 * Old times come last: with one, a file whose ready bit a crash undid would be deleted when Postfix starts.
 * (restore-order.test.ts, "an old time with the ready bit")
 */
async function setExactTimes(options: CarryOutOptions, { target, journal }: Work): Promise<void> {
  let count = 0;
  const isReady = (index: number): boolean => [READY, HANDED_OVER].includes(journal.states.of(index));
  await eachEntry(options, journal.entries(isReady), ({ entry }) => {
    if (entry.times !== undefined) {
      setExactTime(target, entry);
      count += 1;
    }
  });
  if (count > 0) {
    const files = onDemand(() => oldMessages(target, journal.entries()));
    makeDurable(target.fs, { root: target.queueDirectory, files, directories: [] });
  }
}

function* oldMessages(target: PlacementTarget, entries: Iterable<CurrentEntry>): Generator<string> {
  for (const { entry } of entries) {
    if (entry.times !== undefined) {
      yield finalPath(target, entry.newQueueName, entry.newQueueId);
    }
  }
}

/** Where the whole file system can be synced nobody asks for the paths: a pass through the journal is spared. */
function onDemand(paths: () => Iterable<string>): Iterable<string> {
  return { [Symbol.iterator]: () => paths()[Symbol.iterator]() };
}

function* everyFinalPath(target: PlacementTarget, entries: Iterable<CurrentEntry>): Generator<string> {
  for (const { entry } of entries) {
    yield* finalPaths(target, entry);
  }
}

/** The directories of all names that were made, and of those that were taken back, with the directories above them. */
function queueDirectories(target: PlacementTarget, entries: Iterable<CurrentEntry>): Set<string> {
  return directoriesOf(everyFinalPathEver(target, entries), target.queueDirectory);
}

function* everyFinalPathEver(target: PlacementTarget, entries: Iterable<CurrentEntry>): Generator<string> {
  for (const { entry, formerIds } of entries) {
    for (const queueId of [entry.newQueueId, ...formerIds]) {
      yield* finalPaths(target, { ...entry, newQueueId: queueId });
    }
  }
}

function stagingDirectories(target: PlacementTarget, entries: Iterable<CurrentEntry>): Set<string> {
  const directories = new Set<string>();
  for (const { entry } of entries) {
    for (const path of stagedPaths(target, entry)) {
      directories.add(dirname(path));
    }
  }
  return directories;
}
