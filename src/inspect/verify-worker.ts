/** The program of a thread that proves frames. */

import { type ArchiveOrigin, openOrigin } from '../archive/archive-source.ts';
import { createFrameReader } from '../archive/frame-reader.ts';
import type { FrameRun } from '../archive/frame-run.ts';
import { loadCodec } from '../archive/zstd/load-codec.ts';
import { nodeFileSystem } from '../fs/node-file-system.ts';
import { type JobHandler, serveJobs } from '../worker/service.ts';
import { partsOfRuns, type RunReader, type RunVerdict, verifyRun } from './verify-run.ts';

/** What a worker needs of the archive. */
export interface VerifySetup {
  readonly origin: ArchiveOrigin;
  readonly snapshotId: string;
}

/** The work of `verify`, the same in a worker thread and without. */
export async function verifyHandler({ origin, snapshotId }: VerifySetup): Promise<JobHandler<FrameRun, RunVerdict>> {
  const codec = await loadCodec();
  const frames = createFrameReader({ source: openOrigin(nodeFileSystem, origin), codec });
  const reader: RunReader = { fs: nodeFileSystem, frames, parts: partsOfRuns(frames, snapshotId) };
  return (run) => verifyRun(reader, run);
}

serveJobs('verify', verifyHandler);
