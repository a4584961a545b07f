/** What a backup does in the queue, with the rights of its owner: threads, rounds, seal. */

import { setTimeout } from 'node:timers/promises';
import { ArchiveWriter } from '../archive/archive-writer.ts';
import { loadCodec } from '../archive/zstd/load-codec.ts';
import { clockAndChanceOf } from '../clock-and-chance.ts';
import type { Header } from '../format/header.ts';
import type { Seal } from '../format/seal.ts';
import type { OperationControl } from '../operation.ts';
import type { SelectionOptions } from '../plan/criteria.ts';
import { SystemAccounts } from '../postfix/accounts.ts';
import type { PostfixConfiguration } from '../postfix/configuration.ts';
import { MESSAGE_QUEUES, type MessageQueueName } from '../queue/queue-name.ts';
import type { OwnerSurroundings, OwnerWork, ThreadSurroundings } from '../rights/owner-work.ts';
import { hasMembers } from '../rights/told.ts';
import { discoverDepths, type Spool } from '../spool/spool.ts';
import { createWorkerPool, type WorkerPool } from '../worker/pool.ts';
import { BatchReader } from './batch-reader.ts';
import { selectionOf } from './chosen.ts';
import { LogProblems } from './log-problems.ts';
import type { BackedUpQueue, BackupReport, RoundReport } from './options.ts';
import { type PackJob, PackMemory, type PackResult, type PackSetup, type PackTools, packBatch } from './pack-batch.ts';
import type { PackThreadSetup } from './pack-worker.ts';
import { nowOf, tellRemarks } from './remarks.ts';
import { type Round, type Snapshot, takeSnapshot } from './snapshot.ts';
import { queueObstacles, unfinishedRestores, unreadableOf } from './unreadable.ts';

/** Plain data. */
export interface BackupSetup {
  readonly configuration: PostfixConfiguration;
  readonly header: Header;
  /** 0 does all in one thread. */
  readonly workers: number;
  /** zstd's. */
  readonly level: number;
  readonly queues: readonly MessageQueueName[] | undefined;
  readonly selection: SelectionOptions | undefined;
  /** Postfix is known to be stopped. */
  readonly isStopped: boolean;
}

/** All but what the caller knows of the archive: its name, and how long it became. */
export type BackupOutcome = Omit<BackupReport, 'archive' | 'archive_bytes' | keyof BackedUpQueue>;

export const backupWork: OwnerWork<BackupSetup, BackupOutcome, undefined> = {
  name: 'backup',
  task: 'read',
  run: backUp,
  isReport: (value): value is BackupOutcome =>
    hasMembers(value, {
      snapshot_id: 'string',
      started: 'string',
      finished: 'string',
      messages: 'number',
      left: 'number',
      logs: 'number',
      incomplete: 'number',
      unreadable: 'array',
      not_selected: 'number',
      missing_ids: 'array',
      by_queue: 'object',
      bytes: 'number',
      passes: 'number',
      rounds: 'array',
      settled: 'boolean',
      malformed: 'number',
    }),
  // It has none.
  isRow: (value): value is undefined => value === undefined,
};

/** One backup, as all its parts see it. */
interface Backup {
  readonly setup: BackupSetup;
  readonly tools: PackTools;
  readonly writer: ArchiveWriter;
  readonly control: OperationControl;
}

async function backUp(setup: BackupSetup, surroundings: OwnerSurroundings<undefined>): Promise<BackupOutcome> {
  const { fs, control, output, threads } = surroundings;
  const [draftFd] = surroundings.files;
  if (draftFd === undefined) {
    throw new Error('a backup needs a file for the catalogue');
  }
  const nowNs = nowOf(setup.header);
  const selection = await selectionOf({ selection: setup.selection, nowNs });
  const codec = await loadCodec();
  const tools: PackTools = { fs, codec, accounts: new SystemAccounts(), memory: new PackMemory(), selection };
  const pool = await startPool(setup, { threads, control, tools });
  try {
    const writer = new ArchiveWriter({ output, codec: tools.codec, header: setup.header, fs, draftFd });
    const { snapshot, unreadable } = await readQueue({ setup, tools, writer, control }, pool);
    const seal = writer.finish({
      outcome: {
        finished: clockAndChanceOf(control).now().toISOString(),
        settled: snapshot.settled,
        passes: snapshot.rounds.reduce((sum, round) => sum + round.listings, 0),
        incomplete: snapshot.incomplete,
        unreadable: unreadable.length,
      },
      stateOf: (_, index) => (snapshot.hasLeft(index) ? 'left' : 'queued'),
    });
    return outcomeOf({ setup, snapshot, unreadable, seal });
  } finally {
    await pool.close();
  }
}

interface PoolSurroundings {
  readonly threads: ThreadSurroundings;
  readonly control: OperationControl;
  readonly tools: PackTools;
}

/** Starts the threads, and waits until they have loaded all that they need. */
async function startPool(
  { configuration, header, workers, level, selection }: BackupSetup,
  { threads, control, tools }: PoolSurroundings,
): Promise<WorkerPool<PackJob, PackResult>> {
  const { queueDirectory } = configuration;
  const setup: PackThreadSetup = {
    queueDirectory,
    snapshotId: header.snapshot_id,
    level,
    nowNs: nowOf(header),
    rights: threads.rights,
    selection,
  };
  const pool = createWorkerPool<PackJob, PackResult, PackThreadSetup>(
    {
      workers,
      service: 'pack',
      url: new URL('./pack-worker.js', import.meta.url),
      program: threads.program,
      setup,
      signal: control.signal,
    },
    // Without threads, in this one, with what it has.
    (own) => (job) => packBatch(own, tools, job),
  );
  try {
    const nothing: PackJob = { items: [], depths: new Map() };
    await Promise.all(Array.from({ length: workers }, () => pool.run(nothing)));
    return pool;
  } catch (error) {
    await pool.close();
    throw error;
  }
}

const MILLISECONDS = 1000;
/** What pickup(8) may need to remove a file that cleanup(8) has made a queue file of. */
const TWIN_PAUSE_MS = 50;

interface TakenSnapshot {
  readonly snapshot: Snapshot;
  readonly unreadable: BackupOutcome['unreadable'];
}

/** The rounds; the frames are in the archive when it is done. */
async function readQueue(
  { setup, tools, writer, control }: Backup,
  pool: WorkerPool<PackJob, PackResult>,
): Promise<TakenSnapshot> {
  const { configuration, header, level } = setup;
  const { queueDirectory, layout, minimalBackoffSeconds } = configuration;
  const { fs } = tools;
  const unfinished = unfinishedRestores(fs, queueDirectory, control);
  const spool: Spool = { fs, queueDirectory, depths: discoverDepths(fs, queueDirectory, layout) };
  const queues = queuesOf(setup);
  const named = namedIds(setup);
  const missing = queueObstacles(spool, queues);
  const logProblems = new LogProblems();
  const progress = new ReadingProgress(control);
  const nowNs = nowOf(header);
  const packSetup: PackSetup = { queueDirectory, snapshotId: header.snapshot_id, level, nowNs };
  const snapshot = await takeSnapshot({
    spool,
    reader: new BatchReader({
      spool,
      writer,
      setup: packSetup,
      tools,
      pool,
      signal: control.signal,
      onProgress: (done) => progress.read(done),
      onUnreadableLog: (log) => logProblems.note(log),
    }),
    queues,
    ...(setup.selection === undefined
      ? {}
      : { mayBeSelected: (queueId: string) => named === undefined || named.has(queueId) }),
    isStopped: setup.isStopped,
    minimalBackoffMs: minimalBackoffSeconds * MILLISECONDS,
    nowNs,
    clock: clockAndChanceOf(control).clock,
    pause: () => setTimeout(TWIN_PAUSE_MS),
    onListing: (names) => progress.listed(names),
    onUnlistedLogs: (errors) => logProblems.noteUnlisted(errors),
  });
  tellRemarks(snapshot, control);
  return {
    snapshot,
    unreadable: [...unfinished, ...missing, ...unreadableOf(snapshot), ...logProblems.list()],
  };
}

function queuesOf({ queues, selection }: BackupSetup): readonly MessageQueueName[] {
  const asked = queues ?? selection?.only?.queues ?? MESSAGE_QUEUES;
  return asked.filter((queue) => selection?.exclude?.queues?.includes(queue) !== true);
}

/** The queue IDs that were asked for; the queue that one may stand behind is the selection's business. */
function namedIds({ selection }: BackupSetup): ReadonlySet<string> | undefined {
  const ids = selection?.only?.ids;
  return ids === undefined ? undefined : new Set(ids.map((id) => id.slice(id.indexOf('/') + 1)));
}

/** How many names were listed, and how many messages are read. */
class ReadingProgress {
  readonly #control: OperationControl;
  #total = 0;

  constructor(control: OperationControl) {
    this.#control = control;
  }

  listed(names: number): void {
    this.#total = Math.max(this.#total, names);
  }

  read(done: number): void {
    this.#total = Math.max(this.#total, done);
    const total = this.#total;
    this.#control.onEvent?.({ kind: 'progress', phase: 'reading', done, total, unit: 'messages' });
  }
}

interface Finished extends TakenSnapshot {
  readonly setup: BackupSetup;
  readonly seal: Seal;
}

function outcomeOf({ setup, snapshot, unreadable, seal }: Finished): BackupOutcome {
  const { header } = setup;
  return {
    snapshot_id: header.snapshot_id,
    started: header.started,
    finished: seal.finished,
    messages: seal.messages,
    left: seal.left,
    logs: seal.logs,
    incomplete: seal.incomplete,
    unreadable,
    not_selected: snapshot.notSelected,
    missing_ids: [...(namedIds(setup) ?? [])].filter((queueId) => !snapshot.isKnown(queueId)),
    by_queue: seal.by_queue,
    bytes: seal.bytes,
    passes: seal.passes,
    rounds: snapshot.rounds.map(roundReport),
    settled: seal.settled,
    malformed: seal.malformed,
  };
}

function roundReport({ listings, names, read, vanished, listingMs, readingMs, settled }: Round): RoundReport {
  const [listing_ms, reading_ms] = [Math.round(listingMs), Math.round(readingMs)];
  return { listings, names, read, vanished, listing_ms, reading_ms, settled };
}
