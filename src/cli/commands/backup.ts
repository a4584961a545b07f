import type { Command } from '@commander-js/extra-typings';
import type { ArchiveLocation } from '../../archive-location.ts';
import type { BackupReport } from '../../backup/options.ts';
import { OperatorError } from '../../errors.ts';
import type { MessageQueueName } from '../../queue/queue-name.ts';
import { archiveName, parseArchiveName, refuseTerminal } from '../options/archive-name.ts';
import { type CommonOptions, commandWithCommonOptions, installationOptions } from '../options/common-options.ts';
import { compressionLevel, LEVEL_FLAG, LEVEL_HELP } from '../options/compression-level.ts';
import { refuseJsonOnStdout } from '../options/json-on-stdout.ts';
import { parseQueueList } from '../options/queue-list.ts';
import { WORKERS_FLAG, WORKERS_HELP, workerCount } from '../options/worker-count.ts';
import { backupSummary } from '../output/backup-summary.ts';
import { faultLines } from '../output/verify-summary.ts';
import { refuseClosedOutput } from '../process/closed-stream.ts';
import type { Runner, Session } from '../process/command-run.ts';
import { DONE } from '../process/exit-status.ts';
import { backupStatus, verifyStatus } from '../process/outcome.ts';

type BackupCommandOptions = CommonOptions & {
  readonly queues?: readonly MessageQueueName[];
  readonly level?: number;
  readonly workers?: number;
  readonly verify?: true;
};

/** `postsnap backup ARCHIVE`. */
export function backupCommand(run: Runner): Command<[ArchiveLocation], BackupCommandOptions> {
  return commandWithCommonOptions('backup')
    .description('take a snapshot of a queue, running or stopped')
    .argument('<archive>', 'the new file; - is stdout', parseArchiveName)
    .option('--queues <list>', 'only these queues (default: all)', parseQueueList)
    .option(LEVEL_FLAG, LEVEL_HELP, compressionLevel)
    .option(WORKERS_FLAG, WORKERS_HELP, workerCount)
    .option('--verify', 'read the archive back and check everything')
    .action((archive, options) => run(options, (session) => backUp(archive, options, session)));
}

async function backUp(archive: ArchiveLocation, options: BackupCommandOptions, session: Session): Promise<number> {
  checkOutput(archive, options);
  refuseTerminal(archive, 'stdout', session);
  if (archive.kind === 'stream') {
    refuseClosedOutput();
  }
  const { backup } = await import('../../backup/backup.ts');
  const report = await backup(
    {
      archive,
      ...installationOptions(options, session.environment['MAIL_CONFIG']),
      ...(options.queues === undefined ? {} : { queues: options.queues }),
      ...(options.level === undefined ? {} : { level: options.level }),
      ...(options.workers === undefined ? {} : { workers: options.workers }),
    },
    session,
  );
  tellUnreadable(report, session);
  const verified = options.verify === true ? await verifyBackup(archive, session) : DONE;
  tellReport(report, { json: options.json === true, verified: options.verify === true && verified === DONE }, session);
  return verified === DONE ? backupStatus(report) : verified;
}

/** stdout can carry the archive or the JSON, not both; and what went there can't be read back. */
function checkOutput(archive: ArchiveLocation, options: BackupCommandOptions): void {
  if (archive.kind === 'file') {
    return;
  }
  refuseJsonOnStdout(options);
  if (options.verify === true) {
    throw new OperatorError('usage', "--verify can't be had when the archive goes to stdout", {
      nextStep: 'Name a file for the archive, or leave --verify out.',
    });
  }
}

async function verifyBackup(archive: ArchiveLocation, session: Session): Promise<number> {
  const { verify } = await import('../../inspect/verify.ts');
  const report = await verify({ archive }, session);
  for (const line of faultLines(report)) {
    session.warn(line);
  }
  if (!report.ok) {
    session.fail(`${archiveName(archive, 'stdout')}: what was written can't be read back. Don't rely on this archive`);
  }
  return verifyStatus(report);
}

function tellUnreadable(report: BackupReport, session: Session): void {
  for (const { queue_name, queue_id, reason } of report.unreadable) {
    session.warn(`${queue_name}/${queue_id}: not in the archive: ${reason}`);
  }
  if (!report.settled) {
    session.warn('the queue did not settle: mail that moved may be missing. Take another backup');
  }
}

/** With the archive on stdout, the summary is for people alone. */
function tellReport(
  report: BackupReport,
  { json, verified }: { readonly json: boolean; readonly verified: boolean },
  session: Session,
): void {
  if (json) {
    session.output.write(`${JSON.stringify(report)}\n`);
  } else if (report.archive === null) {
    session.show(backupSummary(report));
  } else {
    session.output.write(backupSummary(report, { verified }));
  }
}
