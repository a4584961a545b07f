/** The program of a thread that reads messages and packs them into frames. */

import { loadCodec } from '../archive/zstd/load-codec.ts';
import type { SelectionOptions } from '../plan/criteria.ts';
import { SystemAccounts } from '../postfix/accounts.ts';
import { fileSystemOfThread, type ThreadRights } from '../rights/owner-file-system.ts';
import { type JobHandler, serveJobs } from '../worker/service.ts';
import { selectionOf } from './chosen.ts';
import { type PackJob, PackMemory, type PackResult, type PackSetup, packBatch } from './pack-batch.ts';

export interface PackThreadSetup extends PackSetup {
  readonly rights: ThreadRights | undefined;
  readonly selection: SelectionOptions | undefined;
}

/** The work of a thread. */
async function packHandler(setup: PackThreadSetup, thread?: number): Promise<JobHandler<PackJob, PackResult>> {
  const fs = fileSystemOfThread(setup.rights, thread);
  const tools = {
    fs,
    codec: await loadCodec(),
    accounts: new SystemAccounts(),
    memory: new PackMemory(),
    selection: await selectionOf(setup),
  };
  return (job) => packBatch(setup, tools, job);
}

serveJobs('pack', packHandler, ({ frames }) =>
  frames.flatMap(({ bytes, lines }) =>
    [bytes.buffer, lines.buffer].filter((buffer): buffer is ArrayBuffer => buffer instanceof ArrayBuffer),
  ),
);
