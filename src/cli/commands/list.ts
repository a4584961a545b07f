/** `postsnap list`: the messages of an archive are listed as postqueue(1) lists a queue, or counted. */

import { type Command, InvalidArgumentError } from '@commander-js/extra-typings';
import type { ArchiveLocation } from '../../archive-location.ts';
import { OperatorError } from '../../errors.ts';
import type { ListOptions, ListReport } from '../../inspect/list.ts';
import { SORT_KEYS, type SortKey } from '../../inspect/sort-key.ts';
import { archiveName, refuseTerminal } from '../options/archive-name.ts';
import { type CommonOptions, commandWithoutQueue } from '../options/common-options.ts';
import { SelectionReader } from '../options/selection.ts';
import { StoreReader } from '../options/store.ts';
import { ArrivalYears } from '../output/arrival-years.ts';
import { listingJsonLine } from '../output/listing-json.ts';
import { HiddenMessages, TextListing } from '../output/listing-text.ts';
import { isGiven, selectionWarnings } from '../output/selection-warnings.ts';
import { shapeJsonLine, shapeText } from '../output/shape-text.ts';
import type { Runner } from '../process/command-run.ts';
import { DONE, LEFT_OUT } from '../process/exit-status.ts';
import type { Session } from '../process/session.ts';

type ListCommandOptions = CommonOptions & {
  readonly sort?: SortKey;
  readonly summary?: true;
  readonly senders?: true;
};

/** `postsnap list ARCHIVE`. */
export function listCommand(run: Runner): Command<[string | undefined, string[]], ListCommandOptions> {
  const [selection, reader] = [new SelectionReader(), new StoreReader()];
  const command = commandWithoutQueue('list', ['option'])
    .description("show an archive's messages as `postqueue -p` does, or with -j as `postqueue -j`")
    .argument('[archive]', 'the archive; - is stdin; none with --store')
    .argument('[queue-id...]', 'only these messages; - reads queue IDs from stdin')
    .option('--sort <key>', `by ${SORT_KEYS.join(', ')} (default: as in the archive)`, parseSortKey)
    .option('--summary', 'how many messages for which domains, how old, and why they wait: as qshape')
    .option('--senders', 'with --summary: the domains of senders');
  reader.addSnapshotTo(command);
  selection.addTo(command);
  return command.action((first, others, options) =>
    run(options, async (session) => {
      refuseContradictions(options);
      const { archive, rest: ids } = await reader.chooseArchive([first, ...others], Date.now());
      refuseTerminal(archive, 'stdin', session);
      const chosen = await selection.read(ids, { session, isInputTaken: archive.kind === 'stream' });
      const what = { archive, selection: chosen, ...(options.sort === undefined ? {} : { sort: options.sort }) };
      const report = await listAs(what, options, session);
      session.output.flush();
      return tellSelection(report, what, session);
    }),
  );
}

/** The one parameter of Postfix that a listing depends on: how wide the column of the queue IDs is. */
const LISTED_PARAMETER = 'enable_long_queue_ids';

function refuseContradictions({ sort, summary, senders, option = {}, json }: ListCommandOptions): void {
  if (Object.keys(option).some((name) => name !== LISTED_PARAMETER || summary === true || json === true)) {
    throw new OperatorError('usage', `--option means nothing here, but ${LISTED_PARAMETER} for the listing as a text`);
  }
  if (senders === true && summary !== true) {
    throw new OperatorError('usage', '--senders means nothing without --summary');
  }
  if (sort !== undefined && summary === true) {
    throw new OperatorError('usage', "--sort can't be had with --summary, which is sorted by itself");
  }
}

function listAs(what: What, options: ListCommandOptions, session: Session): Promise<ListReport> {
  if (options.summary === true) {
    return summarize(what, options, session);
  }
  return options.json === true ? listAsJson(what, session) : listAsText(what, options, session);
}

async function summarize(what: What, options: ListCommandOptions, session: Session): Promise<ListReport> {
  const { shape } = await import('../../inspect/shape.ts');
  const report = await shape({ ...what, senders: options.senders === true }, session);
  session.tell(options.json === true ? report.rows.map(shapeJsonLine).join('') : shapeText(report));
  return report;
}

function tellSelection(report: ListReport, { archive, selection = {} }: What, session: Session): number {
  const isNothing = report.selected === 0 && isGiven(selection);
  for (const warning of selectionWarnings(report, { archive: archiveName(archive, 'stdin'), isNothing })) {
    session.warn(warning);
  }
  return isNothing || report.missing_ids.length > 0 ? LEFT_OUT : DONE;
}

type What = Pick<ListOptions, 'selection' | 'sort'> & { readonly archive: ArchiveLocation };

async function listAsJson(what: What, session: Session): Promise<ListReport> {
  const { list } = await import('../../inspect/list.ts');
  return list({ ...what, onMessage: (message) => session.tell(listingJsonLine(message)) }, session);
}

/**
 * `postqueue -p` shows maildrop, active, incoming, deferred and hold (showq.c). What has no place in its format, mail
 * that left and the queues that nothing delivers from, is told on stderr; the JSON has all of it.
 */
async function listAsText(what: What, options: CommonOptions, session: Session): Promise<ListReport> {
  const { list } = await import('../../inspect/list.ts');
  const override = options.option?.[LISTED_PARAMETER];
  const hidden = new HiddenMessages(what.selection?.only);
  const years = new ArrivalYears(Date.now() / 1000);
  let listing = new TextListing(false);
  const report = await list(
    {
      ...what,
      onSnapshot: (snapshot) => {
        listing = new TextListing((override ?? snapshot.parameters[LISTED_PARAMETER]) === 'yes');
      },
      onMessage: (message) => {
        if (!hidden.add(message)) {
          years.add(message);
          session.tell(listing.message(message));
        }
      },
    },
    session,
  );
  session.tell(listing.trailer());
  const hiddenRemark = hidden.remark();
  for (const remark of [...years.remarks(), ...(hiddenRemark === undefined ? [] : [hiddenRemark])]) {
    session.remark(`${archiveName(what.archive, 'stdin')}: ${remark}`);
  }
  return report;
}

function parseSortKey(text: string): SortKey {
  const key = SORT_KEYS.find((name) => name === text);
  if (key === undefined) {
    throw new InvalidArgumentError(`It must be one of ${SORT_KEYS.join(', ')}.`);
  }
  return key;
}
