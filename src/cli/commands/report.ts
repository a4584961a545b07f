/** `postsnap report`: what is in an archive, on one page that a person wants to look at. */

import { resolve } from 'node:path';
import type { Command } from '@commander-js/extra-typings';
import type { ArchiveLocation } from '../../archive-location.ts';
import { OperatorError } from '../../errors.ts';
import type { InfoReport } from '../../inspect/info.ts';
import { parseTimeValue } from '../../postfix/time-value.ts';
import type { QueueLifetimes } from '../../report/lifetimes.ts';
import type { QueueChanges } from '../../report/queue-changes.ts';
import type { Additions, QueueReport } from '../../report/queue-report.ts';
import type { QueueSurvey } from '../../report/queue-survey.ts';
import type { RestoreOutlook } from '../../report/restore-outlook.ts';
import { archiveName, parseArchiveName, refuseTerminal } from '../options/archive-name.ts';
import { type CommonOptions, commandWithCommonOptions, installationOptions } from '../options/common-options.ts';
import { type ChosenArchive, onlyArgument, StoreReader } from '../options/store.ts';
import { OmittedGroups } from '../output/omitted-groups.ts';
import { beginPage } from '../output/page-file.ts';
import { concernsOf } from '../output/plan-page.ts';
import { countOf } from '../output/quantity.ts';
import { shellLine } from '../output/shell-words.ts';
import { printable } from '../output/stderr-line.ts';
import type { Runner } from '../process/command-run.ts';
import { DONE } from '../process/exit-status.ts';
import type { Session } from '../process/session.ts';

type ReportCommandOptions = CommonOptions & {
  readonly output?: string;
  readonly restore?: true;
  readonly redact?: true;
};

/** `postsnap report ARCHIVE [ARCHIVE2] -o FILE`. */
export function reportCommand(run: Runner): Command<[string | undefined, string | undefined], ReportCommandOptions> {
  const reader = new StoreReader();
  const command = freeShortOption(commandWithCommonOptions('report'), '--option')
    .description('make a page of an archive: what waits, for whom, since when and why, with a command for each number')
    .argument('[archive]', 'the archive; - is stdin; none with --store')
    .argument('[archive2]', 'another archive: also what changed from the first to this one')
    .option('-o, --output <file>', 'the page: a new file of HTML, complete in itself; - is stdout')
    .option('--restore', 'also what a restore into the queue here would do; nothing is changed')
    .option('--redact', 'short codes in place of local parts, domains and host names');
  reader.addSnapshotTo(command);
  return command.action((first, second, options) =>
    run(options, async (session) => {
      refuseContradictions(command, options);
      const chosen = await reader.chooseArchive([first, second], Date.now());
      const other = chosen.rest.length === 0 ? undefined : parseArchiveName(onlyArgument(chosen.rest, 'archive2'));
      refuseStreams(chosen.archive, other, options);
      return reportOn({ chosen, other, options }, session);
    }),
  );
}

const STANDARD_OUTPUT = '-';
const OF_A_QUEUE = [
  ['configDir', '--config-dir'],
  ['postfixInstance', '--postfix-instance'],
  ['queueDirectory', '--queue-directory'],
  ['option', '--option'],
] as const;

/** Here `-o` names the page, as other programs name what they write. */
function freeShortOption<Of extends Pick<Command, 'options'>>(command: Of, long: string): Of {
  for (const option of command.options.filter((each) => each.long === long)) {
    option.flags = option.flags.replace(`${option.short}, `, '');
    delete option.short;
  }
  return command;
}

function refuseContradictions(
  command: { getOptionValueSource(name: string): string | undefined },
  { output, json, restore }: ReportCommandOptions,
): void {
  if (output === undefined && json !== true) {
    throw new OperatorError('usage', 'no file is named for the page', {
      nextStep: 'Name one with -o, as -o queue.html, or - for stdout; or take the data with -j.',
    });
  }
  if (output === STANDARD_OUTPUT && json === true) {
    throw new OperatorError('usage', "--json can't be had when the page goes to stdout", {
      nextStep: 'Name a file for the page, or leave out -o.',
    });
  }
  const [, flag] = OF_A_QUEUE.find(([name]) => command.getOptionValueSource(name) === 'cli') ?? [];
  if (flag !== undefined && restore !== true) {
    throw new OperatorError('usage', `${flag} means nothing without --restore: report works on no queue then`);
  }
}

/** What comes by a pipe comes once. */
function refuseStreams(
  archive: ArchiveLocation,
  other: ArchiveLocation | undefined,
  { restore }: ReportCommandOptions,
): void {
  const isOnce = archive.kind !== 'file' || (other !== undefined && other.kind !== 'file');
  if (isOnce && (other !== undefined || restore === true)) {
    throw new OperatorError('usage', 'an archive is read more than once for this, and a pipe gives it once', {
      nextStep: 'Write it to a file, and name that.',
    });
  }
}

interface Asked {
  readonly chosen: ChosenArchive;
  readonly other: ArchiveLocation | undefined;
  readonly options: ReportCommandOptions;
}

async function reportOn(asked: Asked, session: Session): Promise<number> {
  const { chosen, options } = asked;
  refuseTerminal(chosen.archive, 'stdin', session);
  const { output } = options;
  const file = output === undefined || output === STANDARD_OUTPUT ? undefined : beginPage(output);
  try {
    const report = await surveyOf(asked, session);
    if (output !== undefined) {
      const page = Buffer.from(await pageOf(report, asked, session));
      if (file === undefined) {
        session.output.write(page);
      } else {
        file.write(page);
        file.publish();
      }
    }
    tellReport(report, options, session);
    session.output.flush();
    return DONE;
  } finally {
    file?.discard();
  }
}

/** The time of now in whole seconds, as arrivals are. */
function nowInSeconds(): number {
  return Math.floor(Date.now() / 1000);
}

async function surveyOf(asked: Asked, session: Session): Promise<QueueReport> {
  const [{ list }, { QueueSurvey }] = await Promise.all([
    import('../../inspect/list.ts'),
    import('../../report/queue-survey.ts'),
  ]);
  const { archive, stored } = asked.chosen;
  const now = nowInSeconds();
  let lifetimes: QueueLifetimes | undefined;
  let survey: QueueSurvey | undefined;
  await list(
    {
      archive,
      onSnapshot: ({ parameters }) => {
        lifetimes = lifetimesOf(parameters);
      },
      onInfo: (info: InfoReport) => {
        survey = new QueueSurvey({ archive: info, verified: stored?.snapshot.verified, lifetimes, now });
      },
      onMessage: (message) => survey?.add(message),
    },
    session,
  );
  if (survey === undefined) {
    throw new Error('the archive said nothing of itself');
  }
  const report = survey.report(await additionsOf(asked, session));
  return asked.options.redact === true ? (await import('../../report/redaction.ts')).redacted(report) : report;
}

async function additionsOf({ chosen, other, options }: Asked, session: Session): Promise<Additions> {
  return {
    changes: other === undefined ? null : await changesOf(chosen.archive, other, session),
    restore: options.restore === true ? await outlookOf(chosen.archive, options, session) : null,
  };
}

/** As the source had them: undefined where its parameters are none that Postfix would take. */
function lifetimesOf({
  maximal_queue_lifetime = '',
  bounce_queue_lifetime = '',
}: Readonly<Record<string, string>>): QueueLifetimes | undefined {
  const [maximal, bounce] = [maximal_queue_lifetime, bounce_queue_lifetime].map((text) => parseTimeValue(text, 'd'));
  return maximal === undefined || bounce === undefined
    ? undefined
    : {
        maximal: { text: maximal_queue_lifetime, seconds: maximal },
        bounce: { text: bounce_queue_lifetime, seconds: bounce },
      };
}

async function changesOf(left: ArchiveLocation, right: ArchiveLocation, session: Session): Promise<QueueChanges> {
  const [{ diff }, { info }, { ChangeSurvey }] = await Promise.all([
    import('../../inspect/diff.ts'),
    import('../../inspect/info.ts'),
    import('../../report/queue-changes.ts'),
  ]);
  const survey = new ChangeSurvey();
  const counts = await diff({ left, right, onDifference: (found) => survey.add(found) }, session);
  return survey.told(counts, await info({ archive: right }, session));
}

/** By a dry run that reads the catalogue alone. */
async function outlookOf(
  archive: ArchiveLocation,
  options: ReportCommandOptions,
  session: Session,
): Promise<RestoreOutlook> {
  const { restore } = await import('../../restore/restore.ts');
  const omitted = new OmittedGroups(session.commands);
  const installation = installationOptions(options, session.environment['MAIL_CONFIG']);
  const asked = { archive, ...installation, dryRun: true, quick: true };
  const report = await restore({ ...asked, onMapping: (mapping) => omitted.note(mapping) }, session);
  const { into, target, restored, proven, routes } = report;
  const { queue_directory, instance, mail_version, running, messages } = target;
  return {
    into,
    target: { queue_directory, instance, mail_version, running, messages },
    restored,
    proven,
    routes: routes.map((route) => ({ from: route.from, to: route.to, messages: route.messages, bytes: route.bytes })),
    concerns: concernsOf({ report, omitted: omitted.list(), commands: session.commands }),
  };
}

async function pageOf(report: QueueReport, { chosen, other, options }: Asked, session: Session): Promise<string> {
  const [{ queuePage }, { listWords }] = await Promise.all([
    import('../page/queue-page.tsx'),
    import('../page/list-words.ts'),
  ]);
  const isRedacted = options.redact === true;
  const archive = isRedacted ? ['ARCHIVE'] : archiveWords(chosen);
  const second = other === undefined || isRedacted ? 'ARCHIVE2' : nameForCommands(other);
  const words = listWords({
    archive,
    all: report.total.selection ?? {},
    diff: shellLine(['postsnap', 'diff', ...archive, second]),
    restore: isRedacted ? undefined : session.commands.postsnap('restore', '-n', ...archive),
    now: Date.parse(report.made),
  });
  return queuePage({ report, name: isRedacted ? 'ARCHIVE' : archiveName(chosen.archive, 'stdin'), words });
}

/** What names the archive in a command that is typed anywhere. */
function archiveWords({ archive, stored }: ChosenArchive): string[] {
  if (stored !== undefined) {
    return ['--store', resolve(stored.store.name), '--snapshot', stored.snapshot.shortId];
  }
  return [nameForCommands(archive)];
}

/** Of what came by a pipe only the reader knows where it is. */
function nameForCommands(archive: ArchiveLocation): string {
  return archive.kind === 'file' ? resolve(archive.path) : 'ARCHIVE';
}

function tellReport(report: QueueReport, { output, json }: ReportCommandOptions, session: Session): void {
  if (json === true) {
    session.tell(`${JSON.stringify(report)}\n`);
  } else if (output !== undefined && output !== STANDARD_OUTPUT) {
    session.tell(`Report on ${countOf(report.total.messages, 'message')}: ${printable(output)}\n`);
  }
}
