import { loadCodec } from '../archive/zstd/load-codec.ts';
import { nodeFileSystem } from '../fs/node-file-system.ts';
import { systemAccounts } from '../postfix/accounts.ts';
import { type JobHandler, serveJobs } from '../worker/service.ts';
import { type PackJob, type PackResult, type PackSetup, packBatch } from './pack-batch.ts';

/** The work of a thread. */
export async function packHandler(setup: PackSetup): Promise<JobHandler<PackJob, PackResult>> {
  const tools = { fs: nodeFileSystem, codec: await loadCodec(), accounts: systemAccounts() };
  return (job) => packBatch(setup, tools, job);
}

serveJobs(packHandler, ({ frames }) =>
  frames.flatMap(({ bytes, lines }) =>
    [bytes.buffer, lines.buffer].filter((buffer): buffer is ArrayBuffer => buffer instanceof ArrayBuffer),
  ),
);
