/** `postsnap import`: a tar of a queue becomes an archive. */

import type { Command } from '@commander-js/extra-typings';
import type { ArchiveLocation } from '../../archive-location.ts';
import type { ImportReport } from '../../import/options.ts';
import type { SelectionOptions } from '../../plan/criteria.ts';
import { archiveName, parseArchiveName, parseNewArchiveName, refuseTerminal } from '../options/archive-name.ts';
import { type CommonOptions, commandWithoutQueue } from '../options/common-options.ts';
import { compressionLevel, LEVEL_FLAG, LEVEL_HELP } from '../options/compression-level.ts';
import { refuseJsonOnStdout } from '../options/json-on-stdout.ts';
import { SelectionReader } from '../options/selection.ts';
import { importSummary } from '../output/import-summary.ts';
import { isGiven, selectionWarnings } from '../output/selection-warnings.ts';
import { printable } from '../output/stderr-line.ts';
import { refuseClosedOutput } from '../process/closed-stream.ts';
import type { Runner } from '../process/command-run.ts';
import { importStatus, takesNothingOf } from '../process/outcome.ts';
import type { Session } from '../process/session.ts';

type ImportCommandOptions = CommonOptions & {
  readonly directory?: string;
  readonly hostname?: string;
  readonly level?: number;
};

/** A tar tells nothing of what left the queue meanwhile. */
const MEANINGLESS = ['states'] as const;

/** `postsnap import TAR ARCHIVE`. */
export function importCommand(
  run: Runner,
): Command<[ArchiveLocation, ArchiveLocation, string[]], ImportCommandOptions> {
  const chooser = new SelectionReader();
  const command = commandWithoutQueue('import')
    .description('make an archive of a tar of a queue directory, or of a part of one')
    .argument('<tar>', 'the tar, plain or packed by gzip or zstd; - is stdin', parseArchiveName)
    .argument('<archive>', 'the new file; - is stdout', parseNewArchiveName)
    .argument('[queue-id...]', 'only these messages; - reads queue IDs from stdin')
    .option('--directory <name>', 'the queue directory to take, where the tar holds several')
    .option('--hostname <name>', "the host that the queue was of, which a tar doesn't tell")
    .option(LEVEL_FLAG, LEVEL_HELP, compressionLevel);
  chooser.addTo(command, MEANINGLESS);
  return command.action((tar, archive, ...[ids, options]) =>
    run(options, async (session) => {
      refuseTerminal(tar, 'stdin', session);
      const selection = await chooser.read(ids, { session, isInputTaken: tar.kind === 'stream' });
      return takeIn({ tar, archive, options, selection, session });
    }),
  );
}

interface ImportRun {
  readonly tar: ArchiveLocation;
  readonly archive: ArchiveLocation;
  readonly options: ImportCommandOptions;
  readonly selection: SelectionOptions;
  readonly session: Session;
}

async function takeIn({ tar, archive, options, selection, session }: ImportRun): Promise<number> {
  refuseTerminal(archive, 'stdout', session);
  if (archive.kind === 'stream') {
    refuseJsonOnStdout(options);
    refuseClosedOutput();
  }
  const { importTar } = await import('../../import/import.ts');
  const { directory, hostname, level } = options;
  const report = await importTar({ tar, archive, directory, hostname, level, selection }, session);
  tellSkipped(report, session);
  const isNothing = takesNothingOf(report, isGiven(selection));
  for (const warning of selectionWarnings(report, { archive: archiveName(tar, 'stdin'), isNothing })) {
    session.warn(warning);
  }
  tellReport(report, { json: options.json === true, stream: archiveName(archive, 'stdout') }, session);
  return importStatus(report, isGiven(selection));
}

/** What is missing is a warning; a message that was taken from another place is a remark. */
function tellSkipped({ skipped }: ImportReport, session: Session): void {
  for (const { name, reason, missing } of skipped) {
    const line = `${printable(name)}: not in the archive: ${printable(reason)}`;
    if (missing) {
      session.warn(line);
    } else {
      session.remark(line);
    }
  }
}

function tellReport(
  report: ImportReport,
  { json, stream }: { readonly json: boolean; readonly stream: string },
  session: Session,
): void {
  if (json) {
    session.tell(`${JSON.stringify(report)}\n`);
  } else if (report.archive === null) {
    session.show(importSummary(report, stream));
  } else {
    session.tell(importSummary(report));
  }
}
