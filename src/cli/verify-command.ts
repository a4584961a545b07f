import type { Command } from '@commander-js/extra-typings';
import type { VerifyReport } from '../inspect/verify.ts';
import { archiveName, refuseTerminal } from './archive-name.ts';
import { type CommonOptions, commandWithCommonOptions } from './common-options.ts';
import { verifyStatus } from './outcome.ts';
import type { Runner, Session } from './session.ts';
import { verifySummary } from './verify-summary.ts';
import { WORKERS_FLAG, WORKERS_HELP, workerCount } from './worker-count.ts';

type VerifyCommandOptions = CommonOptions & { readonly workers?: number };

/** `postsnap verify ARCHIVE`. */
export function verifyCommand(run: Runner): Command<[string], VerifyCommandOptions> {
  return commandWithCommonOptions('verify')
    .description('read everything in an archive and check every digest and every queue file')
    .argument('<archive>', 'the archive; - is stdin')
    .option(WORKERS_FLAG, WORKERS_HELP, workerCount)
    .action((archive, options) => run(options, (session) => verifyArchive(archive, options, session)));
}

async function verifyArchive(archive: string, options: VerifyCommandOptions, session: Session): Promise<number> {
  refuseTerminal(archive, 'stdin', session);
  const { verify } = await import('../inspect/verify.ts');
  const report = await verify(
    { archive, ...(options.workers === undefined ? {} : { workers: options.workers }) },
    session,
  );
  tellFaults(report, session);
  const name = archiveName(archive, 'stdin');
  session.output.write(options.json === true ? `${JSON.stringify(report)}\n` : verifySummary(report, name));
  return verifyStatus(report);
}

/** Names on stderr all that is wrong. */
export function tellFaults(report: VerifyReport, session: Session): void {
  for (const error of report.errors) {
    session.warn(error);
  }
  for (const { queue_name, queue_id, reason } of report.damaged) {
    session.warn(`${queue_name}/${queue_id}: damaged: ${reason}`);
  }
  for (const { queue_name, queue_id, reason } of report.malformed) {
    session.warn(`${queue_name}/${queue_id}: was broken in the source queue already: ${reason}`);
  }
}
