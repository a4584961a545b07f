/** `postsnap report`: what is in an archive, on one page that a person wants to look at. */

import { resolve } from 'node:path';
import type { Command } from '@commander-js/extra-typings';
import type { ArchiveLocation } from '../../archive-location.ts';
import { OperatorError } from '../../errors.ts';
import type { InfoReport } from '../../inspect/info.ts';
import { parseTimeValue } from '../../postfix/time-value.ts';
import type { QueueLifetimes } from '../../report/lifetimes.ts';
import type { QueueReport } from '../../report/queue-report.ts';
import type { QueueSurvey } from '../../report/queue-survey.ts';
import { archiveName, refuseTerminal } from '../options/archive-name.ts';
import { type CommonOptions, commandWithoutQueue } from '../options/common-options.ts';
import { type ChosenArchive, StoreReader } from '../options/store.ts';
import { beginPage } from '../output/page-file.ts';
import { countOf } from '../output/quantity.ts';
import { printable } from '../output/stderr-line.ts';
import type { Runner } from '../process/command-run.ts';
import { DONE } from '../process/exit-status.ts';
import type { Session } from '../process/session.ts';

type ReportCommandOptions = CommonOptions & { readonly output?: string };

/** `postsnap report ARCHIVE -o FILE`. */
export function reportCommand(run: Runner): Command<[string | undefined], ReportCommandOptions> {
  const reader = new StoreReader();
  const command = freeShortOption(commandWithoutQueue('report'), '--option')
    .description('make a page of an archive: what waits, for whom, since when and why, with a command for each number')
    .argument('[archive]', 'the archive; - is stdin; none with --store')
    .option('-o, --output <file>', 'the page: a new file of HTML, complete in itself; - is stdout');
  reader.addSnapshotTo(command);
  return command.action((given, options) =>
    run(options, async (session) => {
      refuseContradictions(options);
      return reportOn(await reader.chooseOnly(given, Date.now()), options, session);
    }),
  );
}

const STANDARD_OUTPUT = '-';

/** Here `-o` names the page, as other programs name what they write. */
function freeShortOption<Of extends Pick<Command, 'options'>>(command: Of, long: string): Of {
  for (const option of command.options.filter((each) => each.long === long)) {
    delete option.short;
  }
  return command;
}

function refuseContradictions({ output, json }: ReportCommandOptions): void {
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
}

async function reportOn(chosen: ChosenArchive, options: ReportCommandOptions, session: Session): Promise<number> {
  const { archive } = chosen;
  refuseTerminal(archive, 'stdin', session);
  const { output } = options;
  const file = output === undefined || output === STANDARD_OUTPUT ? undefined : beginPage(output);
  try {
    const report = await surveyOf(chosen, session);
    if (output !== undefined) {
      const page = Buffer.from(await pageOf(report, chosen));
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

async function surveyOf({ archive, stored }: ChosenArchive, session: Session): Promise<QueueReport> {
  const [{ list }, { QueueSurvey }] = await Promise.all([
    import('../../inspect/list.ts'),
    import('../../report/queue-survey.ts'),
  ]);
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
  return survey.report();
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

async function pageOf(report: QueueReport, chosen: ChosenArchive): Promise<string> {
  const [{ queuePage }, { listWords }] = await Promise.all([
    import('../page/queue-page.tsx'),
    import('../page/list-words.ts'),
  ]);
  const words = listWords({
    archive: archiveWords(chosen),
    all: report.total.selection ?? {},
    now: Date.parse(report.made),
  });
  return queuePage({ report, name: archiveName(chosen.archive, 'stdin'), words });
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
