/**
 * What earlier restores into this queue directory have left: journals to be carried out, and what was staged and came to
 * nothing. To be called with the lock held.
 */

import { join } from 'node:path';
import { BusyError } from '../errors.ts';
import type { FileSystem } from '../fs/file-system.ts';
import { safeRename } from '../fs/nfs-safe.ts';
import { unlessErrno } from '../fs/system-error.ts';
import type { Pace } from '../pace.ts';
import type { Place } from '../queue/place.ts';
import { abandonOne } from './abandon.ts';
import { type CarryOutOptions, carryOut } from './carry-out.ts';
import { isRepair, type JournalEntry, type JournalHead } from './journal.ts';
import {
  type CurrentEntry,
  journalEntries,
  makeJournalDurable,
  readJournalStatus,
  readSoundJournal,
  type SoundJournal,
} from './journal-file.ts';
import { HANDED_OVER, READY } from './marks.ts';
import type { PlacementTarget } from './placement.ts';
import { condenseJournals } from './receipt-file.ts';
import { removeStagingDirectory } from './staging-directory.ts';
import { listJournals, listStagings, stateDirectory } from './state-directory.ts';
import type { Failure } from './work.ts';

export interface FinishOptions
  extends PlacementTarget,
    Pick<CarryOutOptions, 'relabel' | 'signal' | 'now' | 'onUnproven' | 'batchMessages' | 'clock'> {
  /** Which interrupted restores may be finished now; absent: all of them. */
  readonly accepts?: (head: JournalHead) => boolean;
  /** Instead of the pace that a restore was begun at. */
  readonly pace?: Pace;
  /** Told of each message. */
  readonly onMessage?: (entry: JournalEntry, finished: Finished) => void;
}

/** What a run that finished an interrupted one made of a message. */
export type Finished =
  | { readonly kind: 'done'; readonly place: Place }
  | { readonly kind: 'failed'; readonly failure: Failure; readonly queueId: string };

export interface FinishReport {
  /** By fingerprint. What is lost for good is not among it: it can be restored again. */
  readonly messages: ReadonlyMap<string, Finished>;
  readonly lost: number;
  /** Restores that still wait. */
  readonly unfinished: number;
}

/**
 * Carries out every journal that was cut off, oldest first, and sweeps away what counts for nothing.
 *
 * @throws BusyError `restore-unfinished`: one waits that is not accepted: nothing was done then
 */
export async function finishJournals(options: FinishOptions): Promise<FinishReport> {
  const { fs, queueDirectory, accepts = () => true } = options;
  const journals = journalsToFinish(fs, queueDirectory);
  const refused = journals.find(({ head }) => !accepts(head));
  if (refused !== undefined) {
    throw waits(refused);
  }
  const report = { messages: new Map<string, Finished>(), lost: 0, unfinished: 0 };
  const kept = new Set<string>();
  for (const journal of journals) {
    makeJournalDurable(fs, journal.path);
    if ((await finishOne(options, journal, report)) === 'unfinished') {
      report.unfinished += 1;
      kept.add(stagingOf(queueDirectory, journal));
    }
  }
  for (const path of listStagings(fs, queueDirectory).filter((one) => !kept.has(one))) {
    removeStagingDirectory(fs, path);
  }
  // Of runs that were cut off when all was done.
  condenseJournals(fs, queueDirectory);
  return report;
}

interface JournalToFinish extends SoundJournal {
  readonly path: string;
}

/** The journals that wait, oldest first. */
export function journalsToFinish(fs: FileSystem, queueDirectory: string): JournalToFinish[] {
  return listJournals(fs, queueDirectory).flatMap((path) => {
    // One that is gone meanwhile was done: it became a receipt.
    const journal = unlessErrno(['ENOENT'], () => readSoundJournal(fs, path));
    return journal?.state === 'unfinished' ? [{ path, ...journal }] : [];
  });
}

function stagingOf(queueDirectory: string, { head }: JournalToFinish): string {
  return join(stateDirectory(queueDirectory), head.staging);
}

/** The words of what waits, for every message about it. */
export function describeUnfinished({ head, states }: Pick<JournalToFinish, 'head' | 'states'>): string {
  if (isRepair(head)) {
    return `a repair, begun ${head.started}, was cut off: ${states.waiting} of its ${states.size} messages wait`;
  }
  const archive = head.archive === '-' ? 'standard input' : head.archive;
  return `a restore of ${archive} into ${head.into}, begun ${head.started}, was cut off: ${states.waiting} of its ${states.size} messages wait`;
}

function waits(journal: JournalToFinish): BusyError {
  const { head, path } = journal;
  const nextStep = 'Stop Postfix, and repair the queue again: it goes on where it stopped. It can not be given up.';
  return new BusyError('restore-unfinished', describeUnfinished(journal), {
    path,
    ...(isRepair(head) ? { nextStep } : {}),
  });
}

function finishOne(
  options: FinishOptions,
  journal: JournalToFinish,
  report: { readonly messages: Map<string, Finished>; lost: number },
): Promise<'done' | 'unfinished'> {
  const { fs, queueDirectory, layout, enableLongQueueIds, submitters, pace: told, ...rest } = options;
  const ground = { fs, queueDirectory, layout, enableLongQueueIds };
  const note = (entry: JournalEntry, finished: Finished): void => {
    options.onMessage?.(entry, finished);
    if (finished.kind === 'failed' && finished.failure.kind === 'lost') {
      report.lost += 1;
    } else {
      report.messages.set(entry.fingerprint, finished);
    }
  };
  const pace = isRepair(journal.head) ? undefined : (told ?? journal.head.pace);
  return carryOut({
    ...rest,
    target: submitters === undefined ? ground : { ...ground, submitters },
    journal: journal.path,
    stagingDirectory: stagingOf(queueDirectory, journal),
    known: journal,
    isResumed: true,
    ...(pace === undefined ? {} : { pace }),
    onDone: (entry) => {
      const place = { queueName: entry.newQueueName, queueId: entry.newQueueId };
      note(entry, { kind: 'done', place });
    },
    onFailed: (entry, failure) => note(entry, { kind: 'failed', failure, queueId: entry.newQueueId }),
  });
}

/** What finishing what waits would make of its messages, as far as that can be told without doing it. */
export function foreseeFinish(fs: FileSystem, journal: JournalToFinish): Map<string, Finished> {
  const messages = new Map<string, Finished>();
  for (const { entry } of journalEntries(fs, journal.path, journal)) {
    const place = { queueName: entry.newQueueName, queueId: entry.newQueueId };
    messages.set(entry.fingerprint, { kind: 'done', place });
  }
  return messages;
}

/** What became of what was given up. */
export interface AbandonReport {
  /** Messages that are not Postfix's, and will not be: no archive, no queue has them from this restore. */
  readonly abandoned: number;
  /** Messages that were made ready before: they stay. */
  readonly stay: readonly CurrentEntry[];
  /** Journals that nobody can read, and what was staged beside them: moved aside. */
  readonly aside: readonly string[];
}

/**
 * Gives up what waits: what is not ready is removed, what is ready stays.
 *
 * @throws BusyError `restore-unfinished`: a repair waits: what it took from the queue must not be lost
 */
export async function abandonJournals(
  options: PlacementTarget & { readonly now: () => Date; readonly signal?: AbortSignal },
): Promise<AbandonReport> {
  const { fs, queueDirectory } = options;
  const aside: string[] = [];
  const stay: CurrentEntry[] = [];
  let abandoned = 0;
  for (const path of listJournals(fs, queueDirectory)) {
    const journal = readJournalStatus(fs, path);
    if (journal.state === 'unfinished' && isRepair(journal.head)) {
      // Its messages have no other copy: they are finished, never removed.
      throw waits({ path, ...journal });
    }
  }
  for (const path of listJournals(fs, queueDirectory)) {
    const journal = readJournalStatus(fs, path);
    if (journal.state === 'damaged') {
      aside.push(...moveAside(fs, path));
    } else if (journal.state === 'unfinished') {
      makeJournalDurable(fs, path);
      const stagingDirectory = stagingOf(queueDirectory, { path, ...journal });
      abandoned += await abandonOne({ ...options, target: options, journal: path, known: journal, stagingDirectory });
      stay.push(...handedOver(fs, path));
    }
  }
  for (const path of listStagings(fs, queueDirectory)) {
    removeStagingDirectory(fs, path);
  }
  condenseJournals(fs, queueDirectory);
  return { abandoned, stay, aside };
}

function handedOver(fs: FileSystem, path: string): CurrentEntry[] {
  const { states, moves } = readSoundJournal(fs, path);
  const isReady = ({ index }: CurrentEntry): boolean => [READY, HANDED_OVER].includes(states.of(index));
  return [...journalEntries(fs, path, { moves })].filter(isReady);
}

/** Nobody can tell what its messages are: they stay, out of the way, for whoever wants to look. */
function moveAside(fs: FileSystem, journal: string): string[] {
  const moved = [`${journal}.damaged`];
  safeRename(fs, journal, `${journal}.damaged`);
  const staging = journal.replace(/\.journal$/u, '.staged');
  if (fs.lstat(staging) !== undefined) {
    safeRename(fs, staging, `${staging}.kept`);
    moved.push(`${staging}.kept`);
  }
  return moved;
}
