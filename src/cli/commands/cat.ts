/** `postsnap cat`: messages of an archive come out as queue files or as mail. */

import type { Command } from '@commander-js/extra-typings';
import type { ArchiveLocation } from '../../archive-location.ts';
import { OperatorError } from '../../errors.ts';
import type { CatReport } from '../../inspect/cat.ts';
import type { ExportReport } from '../../inspect/export.ts';
import type { SelectionOptions } from '../../plan/criteria.ts';
import { archiveName, refuseTerminal } from '../options/archive-name.ts';
import { type CommonOptions, commandWithoutQueue } from '../options/common-options.ts';
import { SelectionReader } from '../options/selection.ts';
import { StoreReader } from '../options/store.ts';
import { countOf } from '../output/quantity.ts';
import { isGiven, selectionWarnings } from '../output/selection-warnings.ts';
import { operands, shellLine } from '../output/shell-words.ts';
import { printable } from '../output/stderr-line.ts';
import type { Runner } from '../process/command-run.ts';
import { DAMAGED, DONE, LEFT_OUT, USAGE } from '../process/exit-status.ts';
import type { Session } from '../process/session.ts';

type CatOptions = CommonOptions & { readonly message?: true; readonly all?: string };

/** `postsnap cat ARCHIVE QUEUE_ID`, and `postsnap cat --all DIR ARCHIVE`. */
export function catCommand(run: Runner): Command<[string | undefined, string[]], CatOptions> {
  const [selection, reader] = [new SelectionReader(), new StoreReader()];
  const command = commandWithoutQueue('cat')
    .description('write one queue file to stdout, as it was; postcat(1) shows such a file')
    .argument('[archive]', 'the archive; - is stdin; none with --store')
    .argument(
      '[queue-id...]',
      'the queue ID, or QUEUE_NAME/QUEUE_ID where several queues have one; with --all any number',
    )
    .option('--message', 'the message itself (RFC 5322) instead of the queue file')
    .option('--all <directory>', 'write each message that is chosen into a file of this directory (.eml)');
  reader.addSnapshotTo(command);
  selection.addTo(command);
  return command.action((first, others, options) =>
    run(options, async (session) => {
      const { archive, rest: ids } = await reader.chooseArchive([first, ...others], Date.now());
      refuseTerminal(archive, 'stdin', session);
      refuseUnused(options);
      if (options.all === undefined) {
        return catMessage({ archive, queueId: onlyId(ids, selection), options, session });
      }
      const chosen = await selection.read(ids, { session, isInputTaken: archive.kind === 'stream' });
      return exportAll({ archive, directory: options.all, options, selection: chosen }, session);
    }),
  );
}

/** A queue file is no JSON, and all that is written into a directory are messages. */
function refuseUnused({ all, message, json }: CatOptions): void {
  if (all === undefined && json === true) {
    throw new OperatorError('usage', "--json can't be had when a message goes to stdout", {
      nextStep: 'Leave it out, or name a directory with --all.',
    });
  }
  if (all !== undefined && message === true) {
    throw new OperatorError('usage', '--message means nothing with --all, which writes messages only');
  }
}

/** One message goes to stdout; several would run into each other. */
function onlyId(ids: readonly string[], selection: SelectionReader): string {
  const [id, ...more] = ids;
  if (id === undefined) {
    throw new OperatorError('usage', "missing required argument 'queue-id'", {
      nextStep: 'Or name a directory with --all.',
    });
  }
  if (more.length > 0 || selection.isGiven) {
    throw new OperatorError('usage', 'one message goes to stdout, by its queue ID', {
      nextStep: 'Name a directory for several with --all.',
    });
  }
  return id;
}

interface CatRun {
  readonly archive: ArchiveLocation;
  readonly queueId: string;
  readonly options: CatOptions;
  readonly session: Session;
}

async function catMessage({ archive, queueId, options, session }: CatRun): Promise<number> {
  const { cat } = await import('../../inspect/cat.ts');
  const wanted = parseWanted(queueId);
  const report = await cat(
    {
      archive,
      ...wanted,
      part: options.message === true ? 'message' : 'queue-file',
      onBytes: (bytes) => session.output.write(bytes),
    },
    session,
  );
  session.output.flush();
  return statusOfMatches(
    report,
    { wanted: queueId, archive: archiveName(archive, 'stdin'), list: listCommandLine(archive) },
    session,
  );
}

/** Queue IDs are often copied from `mailq`, with its `*`, `!` and `#` behind them. */
function parseWanted(text: string): { queueId: string; queueName?: string } {
  const [, queueName, queueId] = /^(?:([^/]*)\/)?(.*?)[*!#]*$/su.exec(text) ?? [];
  return queueName === undefined ? { queueId: queueId ?? text } : { queueId: queueId ?? text, queueName };
}

/** A selection that matches nothing is status 1; one that matches several needs a better command line. */
function statusOfMatches(
  { matches }: CatReport,
  asked: { readonly wanted: string; readonly archive: string; readonly list: string | undefined },
  session: Session,
): number {
  if (matches.length === 1) {
    return DONE;
  }
  if (matches.length === 0) {
    session.warn(
      `${asked.wanted}: no such message in ${asked.archive}${asked.list === undefined ? '' : `. \`${asked.list}\` shows what is there`}`,
    );
    return LEFT_OUT;
  }
  const names = matches.map((match) => `${match.queue_name}/${match.queue_id}`);
  session.fail(
    `${asked.wanted}: ${asked.archive} has several messages of this name. Ask for one of ${names.join(', ')}`,
  );
  return USAGE;
}

function listCommandLine(archive: ArchiveLocation): string | undefined {
  return archive.kind === 'file' ? shellLine(['postsnap', 'list', ...operands([archive.path])]) : undefined;
}

interface ExportRun {
  readonly archive: ArchiveLocation;
  readonly directory: string;
  readonly options: CatOptions;
  readonly selection: SelectionOptions;
}

async function exportAll({ archive, directory, options, selection }: ExportRun, session: Session): Promise<number> {
  const { exportMessages } = await import('../../inspect/export.ts');
  const report = await exportMessages({ archive, directory, selection }, session);
  const isNothing = report.selected === 0 && isGiven(selection);
  const told = { archive: archiveName(archive, 'stdin'), isNothing };
  for (const warning of [...exportWarnings(report), ...selectionWarnings(report, told)]) {
    session.warn(warning);
  }
  session.tell(
    options.json === true
      ? `${JSON.stringify(report)}\n`
      : `Wrote ${countOf(report.written, 'message')} of ${told.archive} into ${printable(directory)}.\n`,
  );
  if (report.damaged.length > 0) {
    return DAMAGED;
  }
  return isNothing || report.existing.length > 0 || report.missing_ids.length > 0 ? LEFT_OUT : DONE;
}

function exportWarnings({ damaged, existing }: ExportReport): string[] {
  return [
    ...damaged.map(({ queue_name, queue_id, reason }) => `${queue_name}/${queue_id}: damaged: ${reason}`),
    ...existing.map(
      ({ queue_name, queue_id, path }) => `${queue_name}/${queue_id}: ${path} exists already, and is not replaced`,
    ),
  ];
}
