/**
 * What earlier restores into this queue directory have left: journals to be carried out, receipts, and what was staged
 * and came to nothing. To be called with the lock held.
 */

import { join } from 'node:path';
import { SystemError } from '../errors.ts';
import type { FileSystem } from '../fs/file-system.ts';
import type { QueueLayout } from '../queue/layout.ts';
import type { Place } from '../queue/place.ts';
import { lastingSender } from '../record/lineage.ts';
import type { SoughtMessage } from '../spool/target-messages.ts';
import { createFingerprintSet } from '../table/digest-set.ts';
import { LineageTable } from '../table/lineage-table.ts';
import { type CarryOutOptions, carryOut } from './carry-out.ts';
import type { JournalHead } from './journal.ts';
import { type JournalStatus, journalEntries, readJournalStatus, settleJournal } from './journal-file.ts';
import type { PlacementTarget } from './placement.ts';
import { removeStagingDirectory } from './staging-directory.ts';
import { listJournals, listStagings, stateDirectory } from './state-directory.ts';

export interface PendingOptions extends Pick<CarryOutOptions, 'relabel' | 'signal' | 'now' | 'onUnproven'> {
  readonly fs: FileSystem;
  readonly queueDirectory: string;
  readonly submitters?: PlacementTarget['submitters'];
}

/** Where a run that finished an interrupted one put the messages, by fingerprint. */
export type FinishedPlaces = ReadonlyMap<string, Place>;

/** Carries out every journal that was cut off, oldest first, and sweeps away what counts for nothing. */
export async function finishPending(options: PendingOptions): Promise<FinishedPlaces> {
  const { fs, queueDirectory } = options;
  const finished = new Map<string, Place>();
  for (const path of listJournals(fs, queueDirectory)) {
    const status = readSound(fs, path);
    if (status.state === 'pending') {
      settleJournal(fs, path);
      await finishOne(options, { path, ...status }, finished);
    }
  }
  for (const path of listStagings(fs, queueDirectory)) {
    removeStagingDirectory(fs, path);
  }
  return finished;
}

interface PendingJournal {
  readonly path: string;
  readonly head: JournalHead;
  readonly moves: ReadonlyMap<number, readonly string[]>;
}

async function finishOne(
  { fs, queueDirectory, submitters, ...rest }: PendingOptions,
  { path, head, moves }: PendingJournal,
  finished: Map<string, Place>,
): Promise<void> {
  const target: PlacementTarget = {
    fs,
    queueDirectory,
    layout: layoutOf(head),
    stagingDirectory: join(stateDirectory(queueDirectory), head.staging),
    ...(submitters === undefined ? {} : { submitters }),
  };
  await carryOut({
    ...rest,
    target,
    journal: path,
    moves,
    onDone: (entry) => {
      finished.set(entry.fingerprint, { queueName: entry.new_queue_name, queueId: entry.new_queue_id });
    },
  });
}

/** The hash directories as they were when the journal was written: the files may be there already. */
function layoutOf(head: JournalHead): QueueLayout {
  return { hashQueueNames: new Set(head.hash_queue_names), hashQueueDepth: head.hash_queue_depth };
}

/** What the journals of a queue directory say was restored into it, whichever snapshot it came from. */
export interface Receipts {
  readonly has: (message: SoughtMessage) => boolean;
}

/**
 * Reads all journals. A message is known by its fingerprint. pickup(8) and cleanup(8) write a new file, with another one:
 * so what was in maildrop, in this archive or when it was restored, is known by its lineage as well.
 *
 * @param options anySender: whether cleanup(8) may have made another sender of one
 */
export function readReceipts(
  fs: FileSystem,
  queueDirectory: string,
  { anySender }: { readonly anySender: boolean },
): Receipts {
  const fingerprints = createFingerprintSet();
  const lineages = new LineageTable();
  for (const path of listJournals(fs, queueDirectory)) {
    const { moves } = readSound(fs, path);
    for (const { entry } of journalEntries(fs, path, moves)) {
      fingerprints.add(entry.fingerprint);
      const descent = { ...entry, sender: entry.sender ?? '' };
      lineages.noteOrigin(descent, 0);
      if (entry.queue_name === 'maildrop' || entry.new_queue_name === 'maildrop') {
        lineages.noteSubmission(descent, 0);
      }
    }
  }
  return {
    has: (message) => {
      const descent = { ...message, sender: lastingSender(message.sender) };
      return (
        fingerprints.has(message.fingerprint) ||
        (message.queue_name === 'maildrop' && lineages.successorOf(descent, anySender) !== undefined) ||
        lineages.predecessorOf(descent, anySender) !== undefined
      );
    },
  };
}

function readSound(fs: FileSystem, path: string): Exclude<JournalStatus, { state: 'damaged' }> {
  const status = readJournalStatus(fs, path);
  if (status.state === 'damaged') {
    throw new SystemError('io', `the journal ${path} is damaged: it does not fit its digest`, {
      path,
      errno: 'EBADMSG',
      nextStep:
        'Check the disk. Messages may be staged beside it, or stand in their queues with mode 0600. When all is well, move the journal away.',
    });
  }
  return status;
}
