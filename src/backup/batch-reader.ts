/** Reads candidates in batches, by the threads of a pool, and appends their frames to the archive as they come. */

import type { ArchiveWriter } from '../archive/archive-writer.ts';
import { inBatches } from '../batches.ts';
import { InterruptedError } from '../errors.ts';
import type { Sighting } from '../spool/locate.ts';
import type { Spool } from '../spool/spool.ts';
import type { WorkerPool } from '../worker/pool.ts';
import { currentArrival } from './arrival.ts';
import {
  type DirectOutput,
  type ItemOutcome,
  type PackJob,
  type PackResult,
  type PackSetup,
  type PackTools,
  packBatch,
  type UnreadableLog,
} from './pack-batch.ts';
import { packSurely } from './pack-surely.ts';
import type { Candidate, Outcome, SnapshotReader } from './snapshot.ts';

/** Messages in a batch: some frames full, as mail is. */
const BATCH_SIZE = 400;

export interface BatchReaderOptions {
  readonly spool: Spool;
  readonly writer: Pick<ArchiveWriter, 'append' | 'hold'>;
  readonly setup: PackSetup;
  /** For this thread, which writes what is too big for another to hold. */
  readonly tools: PackTools;
  readonly pool: WorkerPool<PackJob, PackResult>;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress: (done: number) => void;
  readonly onUnreadableLog: (log: UnreadableLog) => void;
}

type Tell = (candidate: Candidate, outcome: Outcome) => void;

/** Reads messages in batches, by the threads of a pool. */
export class BatchReader implements SnapshotReader {
  readonly #options: BatchReaderOptions;
  #total = 0;

  constructor(options: BatchReaderOptions) {
    this.#options = options;
  }

  async readAll(candidates: Iterable<Candidate>, tell: Tell): Promise<void> {
    // Also where nothing is to be read: a queue that is only listed again and again.
    checkInterruption(this.#options.signal);
    await packThere({ ...this.#options, progress: (count) => this.#progress(count) }, candidates, tell);
  }

  arrivalOf(sighting: Sighting): number | undefined {
    return currentArrival(this.#options.spool, sighting);
  }

  #progress(count: number): void {
    this.#total += count;
    this.#options.onProgress(this.#total);
  }
}

function packHere(options: BatchReaderOptions, batch: readonly Candidate[], tell: Tell): void {
  checkInterruption(options.signal);
  const { writer } = options;
  const direct: DirectOutput = { emit: (frame) => void writer.append(frame), hold: writer.hold };
  const { outcomes, unreadableLogs } = packBatch(
    options.setup,
    { ...options.tools, direct },
    { items: batch, depths: options.spool.depths },
  );
  unreadableLogs.forEach(options.onUnreadableLog);
  tellAll(outcomes, batch, tell);
}

function tellAll(outcomes: readonly ItemOutcome[], batch: readonly Candidate[], tell: Tell): void {
  for (const { item, outcome } of outcomes) {
    const candidate = batch[item];
    if (candidate === undefined) {
      throw new Error(`a batch of ${batch.length} has an outcome for item ${item}`);
    }
    tell(candidate, outcome);
  }
}

interface PoolContext extends BatchReaderOptions {
  readonly progress: (count: number) => void;
}

/**
 * The workers read, this thread appends. The copies are told in the order in which their frames are appended: so their
 * numbers are those of the lines in the catalogue.
 */
async function packThere(context: PoolContext, candidates: Iterable<Candidate>, tell: Tell): Promise<void> {
  const packEach = (job: PackJob): Promise<PackResult> => packSurely(context.pool, job);
  for (let rest: Iterable<Candidate> = candidates; ; ) {
    const again: Candidate[] = [];
    const tooBig: Candidate[] = [];
    const given: (readonly Candidate[])[] = [];
    for await (const result of context.pool.ordered(jobsOf(context, rest, given), packEach)) {
      const batch = given.shift() ?? [];
      for (const frame of result.frames) {
        context.writer.append(frame);
      }
      result.unreadableLogs.forEach(context.onUnreadableLog);
      tellAll(result.outcomes, batch, tell);
      tooBig.push(...batch.filter((_, item) => result.tooBig.includes(item)));
      again.push(...batch.slice(result.done));
      context.progress(result.done);
    }
    for (const candidate of tooBig) {
      packHere(context, [candidate], tell);
    }
    if (again.length === 0) {
      return;
    }
    rest = again;
  }
}

/** The results come in the order of the jobs, so the batches under way are a queue. */
function* jobsOf(
  { spool }: PoolContext,
  candidates: Iterable<Candidate>,
  given: (readonly Candidate[])[],
): Generator<PackJob> {
  for (const batch of inBatches(candidates, BATCH_SIZE)) {
    given.push(batch);
    yield { items: batch, depths: spool.depths };
  }
}

function checkInterruption(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) {
    throw new InterruptedError();
  }
}
