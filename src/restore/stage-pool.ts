/** The threads that stage an archive. */

import type { ArchiveReader } from '../archive/archive-reader.ts';
import type { ExaminationLimits } from '../record/examine.ts';
import type { ThreadSurroundings } from '../rights/owner-work.ts';
import { createWorkerPool, defaultWorkers, type WorkerPool } from '../worker/pool.ts';
import type { StageJob, StageOutcome } from './stage-job.ts';
import { stageHandler } from './stage-worker.ts';

/** What stages the runs of an archive. */
export type StagePool = Pick<WorkerPool<StageJob, readonly StageOutcome[]>, 'ordered' | 'close'>;

export interface StagePoolOptions {
  /** Worker threads; 0 does all in this thread. By default {@link defaultWorkers}. */
  readonly workers?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** What the target's pickup(8) takes. */
  readonly limits: ExaminationLimits;
  readonly threads: ThreadSurroundings;
}

const NOTHING: StageJob = { run: { frames: [], lines: [] }, items: [], nowNs: 0n };

/** Starts the threads; when it resolves, they have loaded all their code. */
export async function openStagePool(
  archive: Pick<ArchiveReader, 'origin' | 'header'>,
  { workers = defaultWorkers(), signal, limits, threads }: StagePoolOptions,
): Promise<StagePool> {
  const setup = { origin: archive.origin, snapshotId: archive.header.snapshot_id, limits, rights: threads.rights };
  const url = new URL('./stage-worker.js', import.meta.url);
  const pool = createWorkerPool(
    { workers, service: 'stage', url, program: threads.program, setup, signal },
    stageHandler,
  );
  await Promise.all(Array.from({ length: Math.max(1, workers) }, () => pool.run(NOTHING)));
  return pool;
}
