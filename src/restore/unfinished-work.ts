/** What is done, with the rights of the queue's owner, about restores that were cut off: told, finished, or given up. */

import { clockAndChanceOf } from '../clock-and-chance.ts';
import { lockHolder } from '../fs/lock.ts';
import { systemLockEnvironment } from '../fs/lock-environment.ts';
import { unlessErrno } from '../fs/system-error.ts';
import { isRepair } from '../journal/journal.ts';
import { readJournalStatus } from '../journal/journal-file.ts';
import type { PlacementTarget } from '../journal/placement.ts';
import { relabelFor } from '../journal/relabel.ts';
import { listJournals, listReceipts, receiptPath, stateDirectory } from '../journal/state-directory.ts';
import { lockState } from '../journal/state-lock.ts';
import { abandonJournals, type FinishReport, finishJournals } from '../journal/unfinished.ts';
import { encodeRate, type Pace, secondsFor } from '../pace.ts';
import type { PostfixConfiguration } from '../postfix/configuration.ts';
import type { OwnerSurroundings, OwnerWork } from '../rights/owner-work.ts';
import { hasMembers } from '../rights/told.ts';
import { reasonOf } from './failure-reason.ts';
import { finishProgress } from './finish-progress.ts';
import type { MessageMapping } from './options.ts';

/** Plain data. */
export interface UnfinishedSetup {
  readonly action: 'tell' | 'finish' | 'abandon';
  readonly configuration: PostfixConfiguration;
  /** Whether Postfix works on the queue; undefined where it can't be told. */
  readonly running: boolean | undefined;
  /** Instead of the pace that a restore was begun at. */
  readonly pace?: Pace;
}

/** A restore that was cut off. */
export interface UnfinishedRestore {
  readonly snapshot_id: string;
  /** ISO 8601. */
  readonly started: string;
  readonly into: string;
  readonly archive: string;
  readonly messages: number;
  /** Those that are Postfix's. */
  readonly ready: number;
  readonly waiting: number;
  readonly journal: string;
  /** As `300/min`; null: all at once. */
  readonly rate: string | null;
  /** At that rate; null where there is none. */
  readonly seconds_left: number | null;
  /** Why nothing can be done with it but to give it up. */
  readonly fault?: string;
}

/** The postsnap that works on this queue right now. */
export interface AtWork {
  readonly pid: number;
  readonly host: string;
  /** ISO 8601. */
  readonly since: string;
}

export interface UnfinishedReport {
  readonly at_work: AtWork | null;
  readonly pending: readonly UnfinishedRestore[];
  /** Restores into this queue that are done: what they restored is not restored again. */
  readonly restored_before: number;
  readonly restored: number;
  readonly failed: number;
  readonly abandoned: number;
  /** What nobody could read, moved aside. */
  readonly aside: readonly string[];
  readonly warnings: readonly string[];
}

/** What became of a message. */
export type UnfinishedRow = { readonly mapping: MessageMapping };

export const unfinishedWork: OwnerWork<UnfinishedSetup, UnfinishedReport, UnfinishedRow> = {
  name: 'unfinished',
  task: 'place',
  run: workHere,
  isReport: (value): value is UnfinishedReport =>
    hasMembers(value, {
      pending: 'array',
      restored_before: 'number',
      restored: 'number',
      failed: 'number',
      abandoned: 'number',
      aside: 'array',
      warnings: 'array',
    }),
  isRow: (value): value is UnfinishedRow => hasMembers(value, { mapping: 'object' }),
};

type Surroundings = OwnerSurroundings<UnfinishedRow>;

async function workHere(setup: UnfinishedSetup, surroundings: Surroundings): Promise<UnfinishedReport> {
  const { fs } = surroundings;
  const { queueDirectory } = setup.configuration;
  const done = { restored: 0, failed: 0, abandoned: 0, aside: [], warnings: [] };
  if (setup.action === 'tell' || fs.lstat(stateDirectory(queueDirectory)) === undefined) {
    return { ...tell(surroundings, queueDirectory), ...done, at_work: atWork(surroundings, queueDirectory) };
  }
  surroundings.makeStateDirectory();
  const lock = lockState(fs, queueDirectory);
  try {
    const doing = setup.action === 'finish' ? finish(setup, surroundings) : abandon(setup, surroundings);
    return { ...done, ...(await doing), ...tell(surroundings, queueDirectory), at_work: null };
  } finally {
    lock.release();
  }
}

function atWork({ fs }: Surroundings, queueDirectory: string): AtWork | null {
  const holder = lockHolder(fs, stateDirectory(queueDirectory), systemLockEnvironment());
  return holder === undefined
    ? null
    : { pid: holder.owner.pid, host: holder.owner.host, since: new Date(holder.since).toISOString() };
}

function tell({ fs }: Surroundings, queueDirectory: string): Pick<UnfinishedReport, 'pending' | 'restored_before'> {
  const waiting: UnfinishedRestore[] = [];
  const receipts = new Set<string>();
  for (const journal of listJournals(fs, queueDirectory)) {
    const status = unlessErrno(['ENOENT'], () => readJournalStatus(fs, journal));
    if (status === undefined) {
      continue;
    }
    if (status.state === 'done') {
      if (!isRepair(status.head)) {
        receipts.add(receiptPath(journal));
      }
    } else if (status.state === 'damaged') {
      const unknown = { snapshot_id: '', started: '', into: '', archive: '', messages: 0, ready: 0, waiting: 0 };
      waiting.push({ ...unknown, rate: null, seconds_left: null, journal, fault: 'it does not fit its digest' });
    } else {
      const { head, states } = status;
      const { snapshotId: snapshot_id, started, into, archive, pace } = head;
      const counts = { messages: states.size, ready: states.ready, waiting: states.waiting };
      const rate = pace === undefined ? null : encodeRate(pace.rate);
      const seconds_left = pace === undefined ? null : secondsFor(pace.rate, states.waiting);
      waiting.push({ snapshot_id, started, into, archive, ...counts, journal, rate, seconds_left });
    }
  }
  // Listed after the journals: one that became a receipt meanwhile is among them.
  for (const receipt of listReceipts(fs, queueDirectory)) {
    receipts.add(receipt);
  }
  return { pending: waiting, restored_before: receipts.size };
}

function groundOf({ configuration }: UnfinishedSetup, { fs }: Surroundings): PlacementTarget {
  const { queueDirectory, layout, enableLongQueueIds } = configuration;
  return { fs, queueDirectory, layout, enableLongQueueIds };
}

const UNPROVEN =
  'genuine submissions are left to mail_owner: only the archive says whose they were. The same `restore` again would have given them to who made them.';

async function finish(setup: UnfinishedSetup, surroundings: Surroundings): Promise<Partial<UnfinishedReport>> {
  const { fs, control, tell: row } = surroundings;
  const warnings = new Set<string>();
  const relabel = relabelFor({ fs });
  const ground = groundOf(setup, surroundings);
  const progress = finishProgress({ ...ground, control, pace: setup.pace });
  const report = await finishJournals({
    ...ground,
    ...(setup.pace === undefined ? {} : { pace: setup.pace }),
    // A repair takes from the queues what is ready there: while Postfix is at it, nothing of that holds.
    accepts: (head) => !isRepair(head) || setup.running === false,
    now: clockAndChanceOf(control).now,
    onUnproven: () => void warnings.add(UNPROVEN),
    onMessage: (entry, finished) => {
      progress.tell();
      const place = finished.kind === 'done' ? finished.place : undefined;
      row({
        mapping: {
          queue_name: entry.queueName,
          queue_id: entry.queueId,
          new_queue_name: place?.queueName ?? null,
          new_queue_id: place?.queueId ?? null,
          action: finished.kind === 'done' ? 'restored' : 'failed',
          reason: finished.kind === 'done' ? null : reasonOf(finished.failure, finished.queueId),
          findings: [],
        },
      });
    },
    ...(relabel === undefined ? {} : { relabel }),
    ...(control.signal === undefined ? {} : { signal: control.signal }),
  });
  return { ...countsOf(report), warnings: [...warnings] };
}

function countsOf({ messages, lost }: FinishReport): Pick<UnfinishedReport, 'restored' | 'failed'> {
  const restored = [...messages.values()].filter(({ kind }) => kind === 'done').length;
  return { restored, failed: messages.size - restored + lost };
}

async function abandon(setup: UnfinishedSetup, surroundings: Surroundings): Promise<Partial<UnfinishedReport>> {
  const { control, tell: row } = surroundings;
  const report = await abandonJournals({
    ...groundOf(setup, surroundings),
    now: clockAndChanceOf(control).now,
    ...(control.signal === undefined ? {} : { signal: control.signal }),
  });
  for (const { entry } of report.stay) {
    const place = { new_queue_name: entry.newQueueName, new_queue_id: entry.newQueueId };
    const { queueName: queue_name, queueId: queue_id } = entry;
    row({ mapping: { queue_name, queue_id, ...place, action: 'restored', reason: null, findings: [] } });
  }
  return { abandoned: report.abandoned, restored: report.stay.length, aside: report.aside };
}
