/**
 * Carries a sealed journal out: names, durability, ready bits, in the order that `spool/placement.ts` gives the reasons
 * for. Finishing an interrupted restore is this very function.
 */

import { dirname, join } from 'node:path';
import { InterruptedError } from '../errors.ts';
import { makeDurable } from '../fs/durable.ts';
import { systemError } from '../fs/system-error.ts';
import { parseQueueId } from '../queue/queue-id.ts';
import { LOG_QUEUES, MESSAGE_QUEUES } from '../queue/queue-name.ts';
import type { JournalEntry } from '../spool/journal.ts';
import { appendToJournal, type CurrentEntry, journalEntries } from '../spool/journal-file.ts';
import { nextFreeId } from '../spool/naming.ts';
import {
  dropStagedLogs,
  dropStagedMessage,
  finalPath,
  finalPaths,
  linkEntry,
  makeReady,
  type PlacementTarget,
  stagedPaths,
} from '../spool/placement.ts';
import { removeStagingDirectory } from '../spool/staging-directory.ts';

export interface CarryOutOptions {
  readonly target: PlacementTarget;
  readonly journal: string;
  readonly moves: ReadonlyMap<number, readonly string[]>;
  /** Where SELinux is on: gives the files the labels that their places ask for, before they are made ready. */
  readonly relabel?: (paths: Iterable<string>) => void;
  readonly signal?: AbortSignal;
  /** Told for each entry as it is made ready. */
  readonly onDone: (entry: JournalEntry) => void;
  /** ISO 8601: when the restore was finished. */
  readonly now: () => Date;
}

/** Other work, signals among it, gets its turn after so many entries. */
const ENTRIES_BETWEEN_TURNS = 64;

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
  const { fs } = target;
  const moves = new Map([...options.moves].map(([index, ids]) => [index, [...ids]]));
  const entries = (): Iterable<CurrentEntry> => journalEntries(fs, journal, moves);

  await eachEntry(options, entries(), (current) => {
    const ids = linkUnderFreeName(options, current);
    if (ids.length > 0) {
      moves.set(current.index, [...(moves.get(current.index) ?? []), ...ids]);
    }
  });
  // Names and hash directories are durable before a staged name goes.
  const directories = new Set<string>();
  for (const { entry } of entries()) {
    for (const path of finalPaths(target, entry)) {
      addAncestors(directories, dirname(path), target.queueDirectory);
    }
  }
  makeDurable(fs, { root: target.queueDirectory, files: [], directories });
  options.relabel?.(everyFinalPath(target, entries()));

  await eachEntry(options, entries(), ({ entry }) => dropStagedMessage(target, entry));
  // No message has a second name before one is made ready, whatever a crash undoes.
  makeDurable(fs, { root: target.queueDirectory, files: [], directories: stagingDirectories(target, entries()) });

  await eachEntry(options, entries(), ({ entry }) => {
    makeReady(target, entry);
    options.onDone(entry);
  });
  await eachEntry(options, entries(), ({ entry }) => dropStagedLogs(target, entry));
  removeStagingDirectory(fs, target.stagingDirectory);
  makeDurable(fs, {
    root: target.queueDirectory,
    files: everyFinalPath(target, entries()),
    directories: [...directories, dirname(journal)],
  });
  appendToJournal(fs, journal, { kind: 'done', finished: options.now().toISOString() });
}

async function eachEntry(
  { signal }: CarryOutOptions,
  entries: Iterable<CurrentEntry>,
  work: (entry: CurrentEntry) => void,
): Promise<void> {
  let count = 0;
  for (const entry of entries) {
    work(entry);
    count += 1;
    if (count % ENTRIES_BETWEEN_TURNS === 0) {
      await nextTurn();
      if (signal?.aborted === true) {
        throw new InterruptedError('interrupted while messages were put into the queue', {
          nextStep: 'Run the same command again: it goes on where this one stopped.',
        });
      }
    }
  }
}

async function nextTurn(): Promise<void> {
  await new Promise<void>((resolve) => {
    setImmediate(resolve);
  });
}

/** Links an entry; where its name was taken meanwhile, under the next free one, which the journal knows first. */
function linkUnderFreeName({ target, journal }: CarryOutOptions, current: CurrentEntry): string[] {
  const newIds: string[] = [];
  let { entry } = current;
  const abandonedIds = [...current.abandonedIds];
  while (linkEntry(target, entry, abandonedIds) === 'taken') {
    abandonedIds.push(entry.new_queue_id);
    const queueId = freeName(target, entry.new_queue_id, abandonedIds);
    appendToJournal(target.fs, journal, { kind: 'moved', index: current.index, queueId });
    newIds.push(queueId);
    entry = { ...entry, new_queue_id: queueId };
  }
  return newIds;
}

function freeName(target: PlacementTarget, taken: string, tried: readonly string[]): string {
  const id = parseQueueId(taken);
  if (id === undefined) {
    throw new TypeError(`no queue ID: ${taken}`);
  }
  const isTaken = (name: string): boolean => tried.includes(name) || standsInAnyQueue(target, name);
  return nextFreeId(id, isTaken).text;
}

function standsInAnyQueue(target: PlacementTarget, name: string): boolean {
  return [...MESSAGE_QUEUES, ...LOG_QUEUES].some(
    (queue) => target.fs.lstat(finalPath(target, queue, name)) !== undefined,
  );
}

function* everyFinalPath(target: PlacementTarget, entries: Iterable<CurrentEntry>): Generator<string> {
  for (const { entry } of entries) {
    yield* finalPaths(target, entry);
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

function addAncestors(directories: Set<string>, directory: string, root: string): void {
  for (let at = directory; at.startsWith(join(root, '/')) && !directories.has(at); at = dirname(at)) {
    directories.add(at);
  }
}
