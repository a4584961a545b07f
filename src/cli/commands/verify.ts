/** `postsnap verify`: an archive is read, and every digest and queue file in it is checked. */

import type { Command } from '@commander-js/extra-typings';
import type { ArchiveLocation } from '../../archive-location.ts';
import { ArchiveError } from '../../errors.ts';
import type { VerifyReport } from '../../inspect/verify.ts';
import { markVerified } from '../../keep/mark-verified.ts';
import { archiveName, refuseTerminal } from '../options/archive-name.ts';
import { type CommonOptions, commandWithoutQueue } from '../options/common-options.ts';
import { METRICS_FLAG, METRICS_HELP } from '../options/metrics-file.ts';
import { type ChosenArchive, StoreReader } from '../options/store.ts';
import { WORKERS_FLAG, WORKERS_HELP, workerCount } from '../options/worker-count.ts';
import { writeVerifyMetrics } from '../output/metrics-file.ts';
import { metricsWriter } from '../output/metrics-writer.ts';
import { operands, shellLine } from '../output/shell-words.ts';
import { faultLines, verifySummary } from '../output/verify-summary.ts';
import type { Runner } from '../process/command-run.ts';
import { writingMetrics } from '../process/metrics-run.ts';
import { verifyStatus } from '../process/outcome.ts';
import type { Session } from '../process/session.ts';

type VerifyCommandOptions = CommonOptions & { readonly workers?: number; readonly metricsFile?: string };

/** `postsnap verify ARCHIVE`. */
export function verifyCommand(run: Runner): Command<[string | undefined], VerifyCommandOptions> {
  const reader = new StoreReader();
  const command = commandWithoutQueue('verify')
    .description('read everything in an archive and check every digest and every queue file')
    .argument('[archive]', 'the archive; - is stdin; none with --store')
    .option(WORKERS_FLAG, WORKERS_HELP, workerCount)
    .option(METRICS_FLAG, METRICS_HELP);
  reader.addSnapshotTo(command);
  return command.action((archive, options) =>
    run(options, (session) =>
      writingMetrics(metricsWriter(options.metricsFile, writeVerifyMetrics), session, async () =>
        verifyArchive(await reader.chooseOnly(archive, Date.now()), options, session),
      ),
    ),
  );
}

async function verifyArchive(
  { archive, stored }: ChosenArchive,
  options: VerifyCommandOptions,
  session: Session,
): Promise<number> {
  refuseTerminal(archive, 'stdin', session);
  const { verify } = await import('../../inspect/verify.ts');
  const { workers, json } = options;
  const report = await verify({ archive, ...(workers === undefined ? {} : { workers }) }, session).catch(
    (error: unknown) => {
      if (json === true && error instanceof ArchiveError) {
        session.tell(`${JSON.stringify(reportOf(error))}\n`);
        session.output.flush();
      }
      throw error;
    },
  );
  for (const line of faultLines(report)) {
    session.warn(line);
  }
  if (stored !== undefined && report.ok) {
    await markVerified(stored.store, stored.snapshot, Date.now());
  }
  const name = archiveName(archive, 'stdin');
  session.tell(json === true ? `${JSON.stringify(report)}\n` : verifySummary(report, name, salvageCommand(archive)));
  return verifyStatus(report);
}

/** A command to be typed, which changes nothing. */
function salvageCommand(archive: ArchiveLocation): string | undefined {
  return archive.kind === 'file'
    ? shellLine(['postsnap', 'restore', '--salvage', '--dry-run', ...operands([archive.path])])
    : undefined;
}

/** Scripts get an object for whatever ends in 65: here for a file that is no archive, or one of a later version. */
function reportOf({ message }: ArchiveError): VerifyReport {
  return {
    ok: false,
    sealed: false,
    frames: 0,
    damaged_frames: 0,
    messages: 0,
    damaged: [],
    malformed: [],
    errors: [message],
  };
}
