/** `postsnap restore`: messages of an archive go into a queue, or a cut restore is finished or given up. */

import { type Command, InvalidArgumentError, Option } from '@commander-js/extra-typings';
import type { ArchiveLocation } from '../../archive-location.ts';
import { OperatorError } from '../../errors.ts';
import type { Pace } from '../../pace.ts';
import type { SelectionOptions } from '../../plan/criteria.ts';
import type { RestoreRoute } from '../../plan/destination.ts';
import type { Finding } from '../../plan/finding.ts';
import type { MessageMapping, RestoreOptions, RestoreOutset, RestoreReport } from '../../restore/options.ts';
import { archiveName, parseArchiveName, refuseTerminal } from '../options/archive-name.ts';
import {
  type CommonOptions,
  commandWithCommonOptions,
  installationOptions,
  isVerbose,
  waitOption,
} from '../options/common-options.ts';
import { refuseOtherOptions } from '../options/given-options.ts';
import { type PaceOptions, paceOf, rateByOption, rateOption } from '../options/pace.ts';
import {
  type GivenToRestore,
  MAP_ON_STDOUT,
  refuseContradictions,
  refuseLeftAlone,
  refuseSharedInput,
} from '../options/restore-contradictions.ts';
import { type RestoreWords, restoreWords } from '../options/restore-words.ts';
import { SelectionReader } from '../options/selection.ts';
import { StoreReader } from '../options/store.ts';
import { WORKERS_FLAG, WORKERS_HELP, workerCount } from '../options/worker-count.ts';
import { logWarnings } from '../output/log-text.ts';
import { MapFile, type MessageMap, StreamedMap } from '../output/map-file.ts';
import { OmittedGroups } from '../output/omitted-groups.ts';
import { outsetText } from '../output/outset-text.ts';
import { paceText } from '../output/pace-text.ts';
import { planPage } from '../output/plan-page.ts';
import { findingText, reasonText } from '../output/reason-text.ts';
import { restoreReportJson } from '../output/restore-json.ts';
import { RestoredQueues, restoreSummary } from '../output/restore-summary.ts';
import { isGiven, selectionWarnings } from '../output/selection-warnings.ts';
import { endedText } from '../output/unfinished-text.ts';
import type { Runner } from '../process/command-run.ts';
import { endedStatus, isMissing, restoreStatus, selectsNothing } from '../process/outcome.ts';
import type { RunFacts } from '../process/run-record.ts';
import type { Session } from '../process/session.ts';

type RestoreCommandOptions = CommonOptions &
  PaceOptions &
  Omit<GivenToRestore, 'json'> & {
    readonly again?: true;
    readonly retryNow?: true;
    readonly finish?: true;
    readonly abandon?: true;
    readonly workers?: number;
    readonly sinceLog?: readonly ArchiveLocation[] | undefined;
  };

/** `postsnap restore ARCHIVE`. */
export function restoreCommand(run: Runner): Command<[string | undefined, string[]], RestoreCommandOptions> {
  const [selection, reader] = [new SelectionReader(), new StoreReader()];
  const command = commandWithCommonOptions('restore')
    .description('put the messages of an archive into a queue that may hold mail')
    .argument('[archive]', 'the archive; - is stdin; none with --store')
    .argument('[queue-id...]', 'only these messages; - reads queue IDs from stdin')
    .addOption(intoOption())
    .option('-n, --dry-run', 'say what would be done, change nothing')
    .option('--quick', 'with -n: read the catalogue only; the archive is not proven')
    .option(
      '--include-left',
      'also messages that left the source queue during the snapshot; most of them were delivered',
    )
    .option('--release-held', 'with --into maildrop: held messages too')
    .option('--salvage', 'restore what is intact in a damaged or cut archive')
    .option('--finish', 'no archive: put what an interrupted restore has staged where it was to go')
    .option('--abandon', 'no archive: give up what an interrupted restore has not put into the queue')
    .option(
      '--again',
      'also messages that were restored into this queue before and have left it since: they go out again',
    )
    .option('--retry-now', 'have Postfix try at once what waits for its next try')
    .option(
      '--since-log <file>',
      'a mail log: what it says was delivered since the snapshot is left out; repeatable, - is stdin',
      (text, before: readonly ArchiveLocation[] | undefined) => [...(before ?? []), parseArchiveName(text)],
    )
    .addOption(rateOption('make at most so many messages ready in a time'))
    .addOption(rateByOption())
    .option(WORKERS_FLAG, WORKERS_HELP, workerCount)
    .option('--map <file>', 'write old and new place of each message, one JSON object a line; - is stdout');
  command.addOption(waitOption());
  reader.addSnapshotTo(command);
  selection.addTo(command);
  return command.action((first, others, options) => {
    const work = async (session: Session): Promise<number> => {
      refuseContradictions(options, session);
      const pace = paceOf(options);
      if (options.finish === true || options.abandon === true) {
        refuseOtherOptions(command, { besides: ENDING, reason: '--finish and --abandon stand alone' });
        return endRestores({ archive: first, options, pace }, session);
      }
      const { archive, rest: ids, stored } = await reader.chooseArchive([first, ...others], Date.now());
      refuseTerminal(archive, 'stdin', session);
      const isInputTaken = refuseSharedInput([archive, ...(options.sinceLog ?? [])]);
      const chosen = await selection.read(ids, { session, isInputTaken });
      const words = restoreWords(command, session, { selection: chosen, snapshot: stored?.snapshot.shortId });
      const named = new Set(chosen.only?.ids);
      return restoreArchive({ archive, options, pace, selection: chosen, named, words }, session);
    };
    return run(options, work, options.dryRun === true ? undefined : 'restore');
  });
}

/** What has a meaning where no archive is restored. */
const ENDING = [
  'configDir',
  'queueDirectory',
  'option',
  'json',
  'quiet',
  'verbose',
  'progress',
  'map',
  'nice',
  'wait',
].concat('finish', 'abandon', 'rate', 'rateBy');

function openMap({ map, ...options }: RestoreCommandOptions, session: Session): MessageMap | undefined {
  const [dryRun, { commands }] = [options.dryRun === true, session];
  if (map === undefined) {
    return undefined;
  }
  return map === MAP_ON_STDOUT
    ? new StreamedMap((line) => session.output.write(line), { dryRun, commands })
    : new MapFile(map, { dryRun, commands });
}

/** The result, which gives way to a map on stdout. */
function tell(text: string, { map }: RestoreCommandOptions, session: Session): void {
  if (map === MAP_ON_STDOUT) {
    session.show(text);
  } else {
    session.tell(text);
  }
}

interface Ending {
  readonly archive: string | undefined;
  readonly options: RestoreCommandOptions;
  readonly pace: Pace | undefined;
}

/** What an interrupted restore has left is finished, or given up. */
async function endRestores({ archive, options, pace }: Ending, session: Session): Promise<number> {
  if (archive !== undefined || (options.finish === true && options.abandon === true)) {
    throw new OperatorError('usage', '--finish and --abandon stand alone: they take no archive, and not each other', {
      nextStep: 'Leave out the archive: what is to be finished waits in the queue directory.',
    });
  }
  if (options.abandon === true && pace !== undefined) {
    throw new OperatorError('usage', '--rate means nothing with --abandon: what is given up goes nowhere');
  }
  const { abandonRestores, finishRestores } = await import('../../restore/unfinished.ts');
  const end = options.finish === true ? finishRestores : abandonRestores;
  const map = openMap(options, session);
  try {
    const onMapping = (mapping: MessageMapping): void => {
      map?.add(mapping);
      session.log(mapping);
      tellMapping(mapping, { options, named: new Set() }, session);
    };
    const installation = installationOptions(options, session.environment['MAIL_CONFIG']);
    const asked = { ...installation, onMapping, ...(pace === undefined ? {} : { pace }) };
    const report = await end(asked, session);
    const { restored, failed, abandoned } = report;
    session.summarize({ restored, failed, abandoned });
    for (const warning of report.warnings) {
      session.warn(warning);
    }
    tell(options.json === true ? `${JSON.stringify(report)}\n` : endedText(report, session.commands), options, session);
    map?.publish();
    return endedStatus(report);
  } finally {
    map?.discard();
  }
}

/** What is asked for. */
interface Asked {
  readonly archive: ArchiveLocation;
  readonly options: RestoreCommandOptions;
  readonly pace: Pace | undefined;
  readonly selection: SelectionOptions;
  /** The queue IDs in it. */
  readonly named: ReadonlySet<string>;
  /** The command without what makes it a dry run. */
  readonly words: RestoreWords;
}

async function restoreArchive(asked: Asked, session: Session): Promise<number> {
  const { options, selection } = asked;
  refuseLeftAlone(selection, options);
  const { restore } = await import('../../restore/restore.ts');
  const [restored, omitted] = [new RestoredQueues(), new OmittedGroups(session.commands)];
  const map = openMap(options, session);
  try {
    const onMapping = (mapping: MessageMapping): void => {
      map?.add(mapping);
      session.log(mapping);
      restored.note(mapping);
      omitted.note(mapping);
      tellMapping(mapping, asked, session);
    };
    const onPlan = ({ archive, target, findings, log, pace }: RestoreOutset): void => {
      const text = outsetText({ archive, target }, Date.now());
      tellOutset(pace === null ? text : `${text}\n${paceText(pace)}`, options, session);
      for (const warning of isPage(options) ? [] : [...warningsOf(findings, session), ...logWarnings(log)]) {
        session.warn(warning);
      }
    };
    const report = await restore({ ...libraryOptions(asked, session), onMapping, onPlan }, session);
    tellReport(report, { ...asked, restored, omitted }, session);
    session.summarize(summaryOf(report));
    // What was done is told, even if the map can't be finished.
    map?.publish();
    return restoreStatus(report, isGiven(selection));
  } finally {
    map?.discard();
  }
}

/** What the mail log is told. */
function summaryOf(report: RestoreReport): RunFacts {
  const { snapshot_id, into, restored, already_present, already_restored, left, damaged, failed } = report;
  return { snapshot: snapshot_id, into, restored, already_present, already_restored, left, damaged, failed };
}

function libraryOptions({ archive, options, pace, selection }: Asked, session: Session): RestoreOptions {
  return {
    archive,
    ...installationOptions(options, session.environment['MAIL_CONFIG']),
    into: options.into,
    dryRun: options.dryRun === true,
    quick: options.quick === true,
    selection,
    includeLeft: options.includeLeft === true,
    releaseHeld: options.releaseHeld === true,
    salvage: options.salvage === true,
    again: options.again === true,
    retryNow: options.retryNow === true,
    ...(pace === undefined ? {} : { pace }),
    ...(options.sinceLog === undefined ? {} : { sinceLog: options.sinceLog }),
    ...(options.workers === undefined ? {} : { workers: options.workers }),
  };
}

/** First of all; at a terminal at once, and not when all is done. */
function tellOutset(text: string, options: RestoreCommandOptions, session: Session): void {
  if (options.json === true) {
    return;
  }
  if (session.isTerminal('stdout')) {
    session.show(`${text}\n\n`);
  } else {
    tell(`${text}\n\n`, options, session);
  }
}

/** Each message that is missing is named, and one that was asked for by its ID; with `-v` each one that is not. */
function tellMapping(
  mapping: MessageMapping,
  { options, named }: Pick<Asked, 'options' | 'named'>,
  session: Session,
): void {
  const old = `${mapping.queue_name}/${mapping.queue_id}`;
  const reason = mapping.reason === null ? '' : `: ${reasonText(mapping.reason, session.commands)}`;
  const action = actionText(mapping, options);
  const isMissed = mapping.action === 'not_selected' || mapping.action === 'left';
  if (mapping.action === 'damaged' || mapping.action === 'failed' || (isMissed && isNamed(mapping, named))) {
    session.warn(`${old}: ${action}${reason}`);
  } else if (isVerbose(options)) {
    const place = mapping.new_queue_id === null ? '' : ` -> ${mapping.new_queue_name ?? ''}/${mapping.new_queue_id}`;
    session.remark(`${old}${place}: ${action}${reason}`);
  }
}

/** Of a dry run nothing was done. */
function actionText({ action }: MessageMapping, { dryRun }: RestoreCommandOptions): string {
  return action === 'restored' && dryRun === true ? 'would be restored' : action.replace('_', ' ');
}

function isNamed({ queue_name, queue_id }: MessageMapping, named: ReadonlySet<string>): boolean {
  return named.has(queue_id) || named.has(`${queue_name}/${queue_id}`);
}

/** What the mappings told. */
interface Collected {
  readonly restored: RestoredQueues;
  readonly omitted: OmittedGroups;
}

function tellReport(
  report: RestoreReport,
  { archive, options, selection, words, restored, omitted }: Asked & Collected,
  session: Session,
): void {
  const { commands } = session;
  const name = archiveName(archive, 'stdin');
  const isNothing = selectsNothing(report, isGiven(selection));
  const missing = selectionWarnings(report, { archive: name, isNothing });
  const warnings = [
    ...report.warnings,
    ...warningsOf(report.findings, session),
    ...logWarnings(report.log),
    ...missing,
  ];
  for (const warning of isPage(options) ? [...report.warnings, ...missing] : warnings) {
    session.warn(warning);
  }
  tellDoubt(report, session);
  const text = isPage(options)
    ? planPage({ report, omitted: omitted.list(), archive: name, command: words, commands })
    : restoreSummary(report, name, { restored, omitted: omitted.list(), commands });
  tell(options.json === true ? restoreReportJson(report, warnings, commands) : text, options, session);
}

/** Status 1 is explained where nothing that was told explains it. */
function tellDoubt(report: RestoreReport, session: Session): void {
  if (!(report.accounted || isMissing(report))) {
    session.warn("nothing is known to be missing, but that can't be proven: the exit status is 1 for that alone");
  }
}

/** A dry run tells people on one page what they should know; for `--quiet` and programs it is told as warnings. */
function isPage({ dryRun, json, quiet }: RestoreCommandOptions): boolean {
  return dryRun === true && json !== true && quiet !== true;
}

/** The findings that people are warned of. */
function warningsOf(findings: readonly Finding[], { commands }: Pick<Session, 'commands'>): string[] {
  return findings.filter(({ severity }) => severity !== 'info').map((finding) => findingText(finding, commands));
}

function intoOption(): Option<'--into <route>', undefined, RestoreRoute, RestoreRoute> {
  return new Option('--into <route>', 'where to: queues, each message where it was; maildrop or hold')
    .argParser(parseRoute)
    .default('queues', 'queues');
}

function parseRoute(text: string): RestoreRoute {
  if (text === 'queues' || text === 'maildrop' || text === 'hold') {
    return text;
  }
  throw new InvalidArgumentError('It must be queues, maildrop or hold.');
}
