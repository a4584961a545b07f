/**
 * Carries a sealed journal out: names, durability, ready bits, in the order that `journal/placement.ts` gives the reasons
 * for. Finishing an interrupted restore is this very function.
 */

import { dirname, join } from 'node:path';
import { makeDurable } from '../fs/durable.ts';
import { systemError } from '../fs/system-error.ts';
import { eachEntry, nextTurn } from './each-entry.ts';
import type { JournalEntry } from './journal.ts';
import { appendToJournal, type CurrentEntry, journalEntries } from './journal-file.ts';
import { linkAll, type Moves } from './link-all.ts';
import { dropStagedMessage, finalPath, finalPaths, type PlacementTarget, stagedPaths } from './placement.ts';
import { makeReady, setExactTime, staysMailOwners } from './readiness.ts';
import { stagingRemoval } from './staging-directory.ts';

export interface CarryOutOptions {
  readonly target: PlacementTarget;
  readonly journal: string;
  readonly moves: Moves;
  /** Where SELinux is on: gives the files the labels that their places ask for, before they are made ready. */
  readonly relabel?: (paths: Iterable<string>) => void;
  readonly signal?: AbortSignal;
  /** Told for each entry as it is made ready. */
  readonly onDone: (entry: JournalEntry) => void;
  /** Told for each genuine submission that is made ready as mail_owner's, since nothing but its journal says whose it was. */
  readonly onUnproven?: (entry: JournalEntry) => void;
  /** ISO 8601: when the restore was finished. */
  readonly now: () => Date;
}

/**
 * Carries out a sealed journal, from wherever it was cut off.
 *
 * @throws InterruptedError between two messages, when the signal says so: the same command goes on
 * @throws SystemError or the error of the failed call: the journal stays, and can be carried out later
 */
export async function carryOut(options: CarryOutOptions): Promise<void> {
  try {
    await carryOutSteps(options);
  } catch (error) {
    throw systemError(error, {
      action: "can't put all messages into",
      path: options.target.queueDirectory,
      nextStep: 'Mend that, and run the same command again: it goes on where this one stopped.',
    });
  }
}

async function carryOutSteps(options: CarryOutOptions): Promise<void> {
  const { target, journal } = options;
  const { fs, queueDirectory: root } = target;
  const moves = await linkAll(options);
  const entries = (): Iterable<CurrentEntry> => journalEntries(fs, journal, moves);
  // Names and hash directories are durable before a staged name goes.
  const linkedIn = onDemand(() => queueDirectories(target, entries()));
  const durability = makeDurable(fs, { root, files: [], directories: linkedIn });
  options.relabel?.(everyFinalPath(target, entries()));

  await eachEntry(options, entries(), ({ entry }) => dropStagedMessage(target, entry));
  // No message has a second name before one is made ready, whatever a crash undoes.
  const unlinkedIn = onDemand(() => stagingDirectories(target, entries()));
  makeDurable(fs, { root, files: [], directories: unlinkedIn });

  await eachEntry(options, entries(), ({ entry }) => {
    const outcome = makeReady(target, entry, durability);
    if (outcome === 'kept' || (outcome === 'ready' && staysMailOwners(target, entry))) {
      options.onUnproven?.(entry);
    }
    options.onDone(entry);
  });
  // What is left there are second names of logs.
  for (const _ of stagingRemoval(fs, target.stagingDirectory)) {
    await nextTurn(options.signal);
  }
  makeDurable(fs, { root, files: [], directories: [dirname(journal)] });

  await setExactTimes(options, entries);
  appendToJournal(fs, journal, { kind: 'done', finished: options.now().toISOString() });
}

/** Old times come last: with one, a file whose ready bit a crash undid would be deleted when Postfix starts. */
async function setExactTimes(options: CarryOutOptions, entries: () => Iterable<CurrentEntry>): Promise<void> {
  const { target, now } = options;
  const nowNs = BigInt(now().getTime()) * 1_000_000n;
  let count = 0;
  await eachEntry(options, entries(), ({ entry }) => {
    if (entry.mtimeNs !== undefined) {
      setExactTime(target, entry, nowNs);
      count += 1;
    }
  });
  if (count > 0) {
    const files = onDemand(() => oldMessages(target, entries()));
    makeDurable(target.fs, { root: target.queueDirectory, files, directories: [] });
  }
}

function* oldMessages(target: PlacementTarget, entries: Iterable<CurrentEntry>): Generator<string> {
  for (const { entry } of entries) {
    if (entry.mtimeNs !== undefined) {
      yield finalPath(target, entry.new_queue_name, entry.new_queue_id);
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
  const directories = new Set<string>();
  for (const { entry, abandonedIds } of entries) {
    for (const queueId of [entry.new_queue_id, ...abandonedIds]) {
      for (const path of finalPaths(target, { ...entry, new_queue_id: queueId })) {
        addAncestors(directories, dirname(path), target.queueDirectory);
      }
    }
  }
  return directories;
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

function addAncestors(directories: Set<string>, directory: string, root: string): void {
  for (let at = directory; at.startsWith(join(root, '/')) && !directories.has(at); at = dirname(at)) {
    directories.add(at);
  }
}
