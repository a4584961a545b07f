import type { Command } from '@commander-js/extra-typings';
import type { ArchiveLocation } from '../../archive-location.ts';
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
  const report = await verify(
    { archive, ...(options.workers === undefined ? {} : { workers: options.workers }) },
    session,
  );
  for (const line of faultLines(report)) {
    session.warn(line);
  }
  const name = archiveName(archive, 'stdin');
  session.output.write(options.json === true ? `${JSON.stringify(report)}\n` : verifySummary(report, name));
  return verifyStatus(report);
}
