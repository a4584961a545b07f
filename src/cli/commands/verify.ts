import type { Command } from '@commander-js/extra-typings';
import type { ArchiveLocation } from '../../archive-location.ts';
import { ArchiveError } from '../../errors.ts';
import type { VerifyReport } from '../../inspect/verify.ts';
import { archiveName, parseArchiveName, refuseTerminal } from '../options/archive-name.ts';
import { type CommonOptions, commandWithCommonOptions } from '../options/common-options.ts';
import { WORKERS_FLAG, WORKERS_HELP, workerCount } from '../options/worker-count.ts';
import { faultLines, verifySummary } from '../output/verify-summary.ts';
import type { Runner, Session } from '../process/command-run.ts';
import { verifyStatus } from '../process/outcome.ts';

type VerifyCommandOptions = CommonOptions & { readonly workers?: number };

/** `postsnap verify ARCHIVE`. */
export function verifyCommand(run: Runner): Command<[ArchiveLocation], VerifyCommandOptions> {
  return commandWithCommonOptions('verify')
    .description('read everything in an archive and check every digest and every queue file')
    .argument('<archive>', 'the archive; - is stdin', parseArchiveName)
    .option(WORKERS_FLAG, WORKERS_HELP, workerCount)
    .action((archive, options) => run(options, (session) => verifyArchive(archive, options, session)));
}

async function verifyArchive(
  archive: ArchiveLocation,
  options: VerifyCommandOptions,
  session: Session,
): Promise<number> {
  refuseTerminal(archive, 'stdin', session);
  const { verify } = await import('../../inspect/verify.ts');
  const { workers, json } = options;
  const report = await verify({ archive, ...(workers === undefined ? {} : { workers }) }, session).catch(
    (error: unknown) => {
      if (json === true && error instanceof ArchiveError) {
        session.output.write(`${JSON.stringify(reportOf(error))}\n`);
        session.output.flush();
      }
      throw error;
    },
  );
  for (const line of faultLines(report)) {
    session.warn(line);
  }
  const name = archiveName(archive, 'stdin');
  session.output.write(json === true ? `${JSON.stringify(report)}\n` : verifySummary(report, name));
  return verifyStatus(report);
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
