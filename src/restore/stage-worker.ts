/** The program of a thread that proves and stages messages. */

import { type ArchiveOrigin, openOrigin } from '../archive/archive-source.ts';
import { EntryReader } from '../archive/entry-reader.ts';
import { createFrameReader } from '../archive/frame-reader.ts';
import { loadCodec } from '../archive/zstd/load-codec.ts';
import { systemError } from '../fs/system-error.ts';
import type { ExaminationLimits } from '../record/examine.ts';
import { fileSystemOfThread, type ThreadRights } from '../rights/owner-file-system.ts';
import { type JobHandler, serveJobs } from '../worker/service.ts';
import { type StageJob, type StageOutcome, stageRun } from './stage-job.ts';

/** What a worker needs of the archive and the target. */
export interface StageSetup {
  readonly origin: ArchiveOrigin;
  readonly snapshotId: string;
  readonly limits: ExaminationLimits;
  readonly rights: ThreadRights | undefined;
}

const UNTOUCHED = 'The queue was not touched: mend that, and run the same command again.';

/** The work of staging, the same in a worker thread and without. */
export async function stageHandler(setup: StageSetup): Promise<JobHandler<StageJob, readonly StageOutcome[]>> {
  const { origin, snapshotId, limits, rights } = setup;
  const fs = fileSystemOfThread(rights);
  const frames = createFrameReader({ source: openOrigin(fs, origin), codec: await loadCodec() });
  const reader = new EntryReader({ frames, snapshotId });
  return (job) => {
    try {
      return stageRun({ fs, reader, limits }, job);
    } catch (error) {
      throw systemError(error, {
        action: "can't stage files in",
        path: job.stagingDirectory ?? 'the queue',
        nextStep: UNTOUCHED,
      });
    }
  };
}

serveJobs('stage', stageHandler);
