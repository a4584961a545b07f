/** Reads a queue into an archive, with the rights of the queue's owner. */

import { basename } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { ArchiveWriter } from '../archive/archive-writer.ts';
import type { Header } from '../format/header.ts';
import type { FileSystem } from '../fs/file-system.ts';
import { type UnfinishedJournal, unfinishedJournals } from '../journal/journal-file.ts';
import type { OperationControl } from '../operation.ts';
import type { PostfixConfiguration } from '../postfix/configuration.ts';
import { asOwnerUntil, isRoot } from '../postfix/privileges.ts';
import { MESSAGE_QUEUES, type MessageQueueName } from '../queue/queue-name.ts';
import { queueOwner } from '../spool/queue-owner.ts';
import { reasonOf } from '../spool/reason.ts';
import { discoverDepths, type SpoolSource } from '../spool/source.ts';
import { createWorkerPool, defaultWorkers, type WorkerPool } from '../worker/pool.ts';
import { createArchiver } from './batch-reader.ts';
import { LogProblems } from './log-problems.ts';
import type { BackupOptions, UnreadableFile } from './options.ts';
import type { PackJob, PackResult, PackSetup, PackTools } from './pack-batch.ts';
import { packHandler } from './pack-worker.ts';
import { nowOf, tellRemarks } from './remarks.ts';
import { type Snapshot, takeSnapshot } from './snapshot.ts';

export interface QueueReading {
  readonly tools: PackTools;
  readonly options: BackupOptions;
  readonly control: OperationControl;
  readonly configuration: PostfixConfiguration;
  readonly writer: ArchiveWriter;
  readonly header: Header;
  readonly level: number;
}

export interface TakenSnapshot {
  readonly snapshot: Snapshot;
  readonly unreadable: readonly UnreadableFile[];
}

const MILLISECONDS = 1000;
/** What pickup(8) may need to remove a file that cleanup(8) has made a queue file of. */
const TWIN_PAUSE_MS = 50;

/** Takes the snapshot; the frames are in the archive when it is done. */
export async function readQueue(reading: QueueReading): Promise<TakenSnapshot> {
  const { fs } = reading.tools;
  const { queueDirectory } = reading.configuration;
  const owner = queueOwner(fs, queueDirectory);
  const pool = await startPool(reading);
  try {
    // Others than root read with what rights they have.
    return isRoot() ? await asOwnerUntil(owner, () => readAs(reading, pool)) : await readAs(reading, pool);
  } finally {
    await pool?.close();
  }
}

/**
 * Starts the threads, and waits until they have loaded all that they need: they load it with the rights of the caller, and
 * they must do nothing while these are changed.
 */
async function startPool(reading: QueueReading): Promise<WorkerPool<PackJob, PackResult> | undefined> {
  const { options, control, configuration, header, level } = reading;
  const workers = options.workers ?? defaultWorkers();
  if (workers === 0) {
    return undefined;
  }
  const setup: PackSetup = {
    queueDirectory: configuration.queueDirectory,
    snapshotId: header.snapshot_id,
    level,
    nowNs: nowOf(header),
  };
  const pool = createWorkerPool<PackJob, PackResult, PackSetup>(
    {
      workers,
      url: new URL('./pack-worker.js', import.meta.url),
      setup,
      signal: control.signal,
    },
    packHandler,
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

async function readAs(
  reading: QueueReading,
  pool: WorkerPool<PackJob, PackResult> | undefined,
): Promise<TakenSnapshot> {
  const { tools, options, control, configuration, writer, header, level } = reading;
  const { queueDirectory, layout, minimalBackoffSeconds } = configuration;
  const pending = pendingRestores(reading);
  const source: SpoolSource = {
    fs: tools.fs,
    queueDirectory,
    depths: discoverDepths(tools.fs, queueDirectory, layout),
  };
  const queues = options.queues ?? MESSAGE_QUEUES;
  const missing = missingQueues(source, queues);
  const logProblems = new LogProblems();
  const progress = progressOf(control);
  const snapshot = await takeSnapshot({
    source,
    reader: createArchiver({
      source,
      writer,
      setup: { queueDirectory, snapshotId: header.snapshot_id, level, nowNs: nowOf(header) },
      tools,
      pool,
      signal: control.signal,
      onProgress: (done) => progress.read(done),
      onUnreadableLog: (log) => logProblems.note(log),
    }),
    queues,
    minimalBackoffMs: minimalBackoffSeconds * MILLISECONDS,
    nowNs: nowOf(header),
    clock: () => performance.now(),
    pause: () => setTimeout(TWIN_PAUSE_MS),
    onListing: (names) => progress.listed(names),
    onUnlistedLogs: (errors) => logProblems.noteUnlisted(errors),
  });
  tellRemarks(snapshot, control);
  return {
    snapshot,
    unreadable: [...pending, ...missing, ...unreadableOf(snapshot), ...logProblems.list()],
  };
}

/**
 * The queues that hold what is to be delivered, and that every queue directory has (postfix-files), but this one has not: a
 * file system that is not mounted, or one that was mended without them.
 */
function missingQueues({ fs, queueDirectory }: SpoolSource, queues: readonly MessageQueueName[]): UnreadableFile[] {
  return queues
    .filter((name) => name !== 'corrupt' && name !== 'saved')
    .filter((name) => !mayBeDirectory(fs, `${queueDirectory}/${name}/.`))
    .map((name) => ({ queue_name: name, queue_id: '', reason: 'the queue directory has no such directory' }));
}

/** What can't be looked at is there: its listing says what is wrong with it. */
function mayBeDirectory(fs: FileSystem, path: string): boolean {
  try {
    return fs.lstat(path)?.type === 'directory';
  } catch (error) {
    reasonOf(error);
    return true;
  }
}

function progressOf({ onEvent }: OperationControl): { listed(names: number): void; read(done: number): void } {
  let total = 0;
  return {
    listed: (names) => {
      total = Math.max(total, names);
    },
    read: (done) => {
      total = Math.max(total, done);
      onEvent?.({ kind: 'progress', phase: 'reading', done, total, unit: 'messages' });
    },
  };
}

/** Messages that a restore has staged, and not put into the queue yet, are nowhere else. */
function pendingRestores({ tools, configuration, control }: QueueReading): UnreadableFile[] {
  let journals: UnfinishedJournal[];
  try {
    journals = unfinishedJournals(tools.fs, configuration.queueDirectory);
  } catch (error) {
    const reason = `restores that were cut off can't be looked for: ${reasonOf(error)}`;
    return [{ queue_name: 'postsnap', queue_id: '', reason }];
  }
  return journals.map(({ path, fault }) => {
    const unfinished = { queue_name: 'postsnap', queue_id: basename(path) };
    if (fault !== undefined) {
      return { ...unfinished, reason: `whether its restore was cut off can't be told: ${fault}` };
    }
    const message = `a restore into this queue was cut off: run it again, then take another backup (${path})`;
    control.onEvent?.({ kind: 'warning', message });
    const reason = 'a restore was cut off: what it has not put into the queue yet is not in the archive';
    return { ...unfinished, reason };
  });
}

function unreadableOf({ unreadable, strays }: Snapshot): UnreadableFile[] {
  return [
    ...unreadable.map(({ queueName, queueId, reason }) => ({ queue_name: queueName, queue_id: queueId, reason })),
    ...strays.map(({ queueName, name, reason }) => ({ queue_name: queueName, queue_id: name, reason })),
  ];
}
