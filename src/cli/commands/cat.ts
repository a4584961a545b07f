import type { Command } from '@commander-js/extra-typings';
import type { ArchiveLocation } from '../../archive-location.ts';
import type { CatReport } from '../../inspect/cat.ts';
import { archiveName, parseArchiveName, refuseTerminal } from '../options/archive-name.ts';
import { type CommonOptions, commandWithCommonOptions } from '../options/common-options.ts';
import type { Runner, Session } from '../process/command-run.ts';
import { DONE, LEFT_OUT, USAGE } from '../process/exit-status.ts';

type CatOptions = CommonOptions & { readonly message?: true };

/** `postsnap cat ARCHIVE QUEUE_ID`. */
export function catCommand(run: Runner): Command<[ArchiveLocation, string], CatOptions> {
  return commandWithCommonOptions('cat')
    .description('write one queue file to stdout, as it was; postcat(1) shows such a file')
    .argument('<archive>', 'the archive; - is stdin', parseArchiveName)
    .argument('<queue-id>', 'the queue ID, or QUEUE_NAME/QUEUE_ID where several queues have one')
    .option('--message', 'the message itself (RFC 5322) instead of the queue file')
    .action((archive, queueId, options) =>
      run(options, (session) => catMessage({ archive, queueId, options, session })),
    );
}

interface CatRun {
  readonly archive: ArchiveLocation;
  readonly queueId: string;
  readonly options: CatOptions;
  readonly session: Session;
}

async function catMessage({ archive, queueId, options, session }: CatRun): Promise<number> {
  refuseTerminal(archive, 'stdin', session);
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
  return statusOfMatches(report, { wanted: queueId, archive: archiveName(archive, 'stdin') }, session);
}

/** Queue IDs are often copied from `mailq`, with its `*`, `!` and `#` behind them. */
function parseWanted(text: string): { queueId: string; queueName?: string } {
  const [, queueName, queueId] = /^(?:([^/]*)\/)?(.*?)[*!#]*$/su.exec(text) ?? [];
  return queueName === undefined ? { queueId: queueId ?? text } : { queueId: queueId ?? text, queueName };
}

/** A selection that matches nothing is status 1; one that matches several needs a better command line. */
function statusOfMatches(
  { matches }: CatReport,
  asked: { readonly wanted: string; readonly archive: string },
  session: Session,
): number {
  if (matches.length === 1) {
    return DONE;
  }
  if (matches.length === 0) {
    session.warn(`${asked.wanted}: no such message in ${asked.archive}. \`postsnap list\` shows what is there`);
    return LEFT_OUT;
  }
  const names = matches.map((match) => `${match.queue_name}/${match.queue_id}`);
  session.fail(
    `${asked.wanted}: ${asked.archive} has several messages of this name. Ask for one of ${names.join(', ')}`,
  );
  return USAGE;
}
