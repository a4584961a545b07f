/** `backup`: a snapshot of a queue directory, running or stopped, as an archive. */

import { randomBytes, randomUUID } from 'node:crypto';
import { openOutput } from '../archive/archive-output.ts';
import { createArchiveWriter } from '../archive/archive-writer.ts';
import { packageVersion } from '../archive/version.ts';
import { loadCodec } from '../archive/zstd/load-codec.ts';
import { type ArchiveLocation, archiveLocation } from '../archive-location.ts';
import type { Header } from '../format/header.ts';
import { FORMAT_VERSION } from '../format/limits.ts';
import type { Seal } from '../format/seal.ts';
import { nodeFileSystem } from '../fs/node-file-system.ts';
import type { OperationControl } from '../operation.ts';
import { systemAccounts } from '../postfix/accounts.ts';
import { type PostfixConfiguration, readConfiguration } from '../postfix/configuration.ts';
import { refuseSetUid } from '../postfix/privileges.ts';
import type { BackupOptions, BackupReport, RoundReport } from './options.ts';
import { readQueue, type TakenSnapshot } from './read-queue.ts';
import type { Round } from './snapshot.ts';

export type { BackupOptions, BackupReport } from './options.ts';

const DEFAULT_LEVEL = 3;
/** As postmulti(1) writes the primary instance. */
const PRIMARY_INSTANCE = '-';

/**
 * Takes a snapshot. The queue is only read, without locks. As root it is read with the rights of the owner of the
 * `incoming` directory, by number: whoever took over that account can't lead root elsewhere.
 *
 * @throws OperatorError 'not-found' (no queue), 'output-exists', 'not-permitted', and what reading the configuration throws
 * @throws SystemError, InterruptedError: no archive was written
 */
export async function backup(options: BackupOptions, control: OperationControl = {}): Promise<BackupReport> {
  refuseSetUid();
  const fs = nodeFileSystem;
  const configuration = readConfiguration(options);
  const started = new Date();
  const location = archiveLocation(options.archive);
  const output = openOutput(fs, location, () => randomBytes(6).toString('hex'));
  try {
    const level = options.level ?? DEFAULT_LEVEL;
    const codec = await loadCodec();
    const header = headerOf(configuration, started);
    const writer = createArchiveWriter({ output, codec, header, fs, spoolFd: output.spoolFd });
    const tools = { fs, codec, accounts: systemAccounts() };
    const taken = await readQueue({ tools, options, control, configuration, writer, header, level });
    const finished = new Date();
    const seal = writer.finish({
      outcome: {
        finished: finished.toISOString(),
        settled: taken.snapshot.settled,
        passes: taken.snapshot.rounds.reduce((sum, round) => sum + round.listings, 0),
        incomplete: taken.snapshot.incomplete,
        unreadable: taken.unreadable.length,
      },
      stateOf: (_, index) => (taken.snapshot.hasLeft(index) ? 'left' : 'queued'),
    });
    output.publish();
    return reportOf(location, { header, taken, seal, archiveBytes: output.bytesWritten });
  } finally {
    output.close();
  }
}

function headerOf(configuration: PostfixConfiguration, started: Date): Header {
  const { myhostname, mailVersion, queueDirectory, parameters } = configuration;
  return {
    format: FORMAT_VERSION,
    snapshot_id: randomUUID(),
    started: started.toISOString(),
    myhostname,
    instance: parameters.multi_instance_name === '' ? PRIMARY_INSTANCE : parameters.multi_instance_name,
    mail_version: mailVersion,
    queue_directory: queueDirectory,
    parameters,
    postsnap_version: packageVersion(),
  };
}

interface Finished {
  readonly header: Header;
  readonly taken: TakenSnapshot;
  readonly seal: Seal;
  readonly archiveBytes: number;
}

function reportOf(location: ArchiveLocation, { header, taken, seal, archiveBytes }: Finished): BackupReport {
  return {
    archive: location.kind === 'file' ? location.path : null,
    snapshot_id: header.snapshot_id,
    started: header.started,
    finished: seal.finished,
    messages: seal.messages,
    left: seal.left,
    logs: seal.logs,
    incomplete: seal.incomplete,
    unreadable: taken.unreadable,
    by_queue: seal.by_queue,
    bytes: seal.bytes,
    archive_bytes: archiveBytes,
    passes: seal.passes,
    rounds: taken.snapshot.rounds.map(roundReport),
    settled: seal.settled,
    malformed: seal.malformed,
  };
}

function roundReport({ listings, names, read, vanished, listingMs, readingMs, settled }: Round): RoundReport {
  const [listing_ms, reading_ms] = [Math.round(listingMs), Math.round(readingMs)];
  return { listings, names, read, vanished, listing_ms, reading_ms, settled };
}
