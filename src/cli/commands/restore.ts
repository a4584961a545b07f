import { type Command, InvalidArgumentError } from '@commander-js/extra-typings';
import type { ArchiveLocation } from '../../archive-location.ts';
import type { RestoreRoute } from '../../plan/destination.ts';
import type { Finding } from '../../plan/finding.ts';
import type { MessageQueueName } from '../../queue/queue-name.ts';
import type { MessageMapping, RestoreOptions, RestoreReport } from '../../restore/options.ts';
import { archiveName, parseArchiveName, refuseTerminal } from '../options/archive-name.ts';
import {
  type CommonOptions,
  commandWithCommonOptions,
  installationOptions,
  isVerbose,
} from '../options/common-options.ts';
import { parseQueueList } from '../options/queue-list.ts';
import { WORKERS_FLAG, WORKERS_HELP, workerCount } from '../options/worker-count.ts';
import { openMapFile } from '../output/map-file.ts';
import { findingText, reasonText } from '../output/reason-text.ts';
import { restoreReportJson } from '../output/restore-json.ts';
import { restoreSummary } from '../output/restore-summary.ts';
import type { Runner, Session } from '../process/command-run.ts';
import { restoreStatus, selectsNothing } from '../process/outcome.ts';

type RestoreCommandOptions = CommonOptions & {
  readonly into: RestoreRoute;
  readonly dryRun?: true;
  readonly queues?: readonly MessageQueueName[];
  readonly includeLeft?: true;
  readonly releaseHeld?: true;
  readonly salvage?: true;
  readonly again?: true;
  readonly workers?: number;
  readonly map?: string;
};

/** `postsnap restore ARCHIVE`. */
export function restoreCommand(run: Runner): Command<[ArchiveLocation], RestoreCommandOptions> {
  return commandWithCommonOptions('restore')
    .description('put the messages of an archive into a queue that may hold mail')
    .argument('<archive>', 'the archive; - is stdin', parseArchiveName)
    .option('--into <route>', 'where to: queues, maildrop or hold', parseRoute, 'queues')
    .option('-n, --dry-run', 'say what would be done, change nothing')
    .option('--queues <list>', 'only messages that were in these queues', parseQueueList)
    .option('--include-left', 'also messages that left the source queue during the snapshot')
    .option('--release-held', 'with --into maildrop: held messages too')
    .option('--salvage', 'restore what is intact in a damaged or cut archive')
    .option('--again', 'restore messages that were restored into this queue before')
    .option(WORKERS_FLAG, WORKERS_HELP, workerCount)
    .option('--map <file>', 'write old and new place of each message, one JSON object a line')
    .action((archive, options) => run(options, (session) => restoreArchive(archive, options, session)));
}

async function restoreArchive(
  archive: ArchiveLocation,
  options: RestoreCommandOptions,
  session: Session,
): Promise<number> {
  refuseTerminal(archive, 'stdin', session);
  const { restore } = await import('../../restore/restore.ts');
  const map = options.map === undefined ? undefined : openMapFile(options.map);
  try {
    const onMapping = (mapping: MessageMapping): void => {
      map?.add(mapping);
      tellMapping(mapping, options, session);
    };
    const onPlan = (findings: readonly Finding[]): void => {
      for (const warning of warningsOf(findings)) {
        session.warn(warning);
      }
    };
    const report = await restore({ ...libraryOptions(archive, options, session), onMapping, onPlan }, session);
    tellReport(report, { archive, options }, session);
    // What was done is told, even if the map can't be finished.
    map?.publish();
    return restoreStatus(report);
  } finally {
    map?.discard();
  }
}

function libraryOptions(archive: ArchiveLocation, options: RestoreCommandOptions, session: Session): RestoreOptions {
  return {
    archive,
    ...installationOptions(options, session.environment['MAIL_CONFIG']),
    into: options.into,
    dryRun: options.dryRun === true,
    ...(options.queues === undefined ? {} : { queues: options.queues }),
    includeLeft: options.includeLeft === true,
    releaseHeld: options.releaseHeld === true,
    salvage: options.salvage === true,
    again: options.again === true,
    ...(options.workers === undefined ? {} : { workers: options.workers }),
  };
}

/** Each message that is missing is named; with `-v` each one that is not. */
function tellMapping(mapping: MessageMapping, options: RestoreCommandOptions, session: Session): void {
  const old = `${mapping.queue_name}/${mapping.queue_id}`;
  const reason = mapping.reason === null ? '' : `: ${reasonText(mapping.reason)}`;
  const action = mapping.action.replace('_', ' ');
  if (mapping.action === 'damaged' || mapping.action === 'failed') {
    session.warn(`${old}: ${action}${reason}`);
  } else if (isVerbose(options)) {
    const place = mapping.new_queue_id === null ? '' : ` -> ${mapping.new_queue_name ?? ''}/${mapping.new_queue_id}`;
    session.remark(`${old}${place}: ${action}${reason}`);
  }
}

function tellReport(
  report: RestoreReport,
  { archive, options }: { readonly archive: ArchiveLocation; readonly options: RestoreCommandOptions },
  session: Session,
): void {
  const name = archiveName(archive, 'stdin');
  const nothing = selectsNothing(report)
    ? [`${name}: none of its messages was selected. \`postsnap list\` shows them`]
    : [];
  const warnings = [...report.warnings, ...warningsOf(report.findings), ...nothing];
  for (const warning of warnings) {
    session.warn(warning);
  }
  const ofMaildrop = options.queues?.includes('maildrop') === true;
  session.output.write(
    options.json === true ? restoreReportJson(report, warnings) : restoreSummary(report, name, { ofMaildrop }),
  );
}

/** The findings that people are warned of. */
function warningsOf(findings: readonly Finding[]): string[] {
  return findings.filter(({ severity }) => severity !== 'info').map(findingText);
}

function parseRoute(text: string): RestoreRoute {
  if (text === 'queues' || text === 'maildrop' || text === 'hold') {
    return text;
  }
  throw new InvalidArgumentError('It must be queues, maildrop or hold.');
}
