import type { Command } from '@commander-js/extra-typings';
import type { ArchiveLocation } from '../../archive-location.ts';
import type { ImportReport } from '../../import/options.ts';
import { parseArchiveName, refuseTerminal } from '../options/archive-name.ts';
import { type CommonOptions, commandWithCommonOptions } from '../options/common-options.ts';
import { compressionLevel, LEVEL_FLAG, LEVEL_HELP } from '../options/compression-level.ts';
import { refuseJsonOnStdout } from '../options/json-on-stdout.ts';
import { importSummary } from '../output/import-summary.ts';
import { printable } from '../output/stderr-line.ts';
import { refuseClosedOutput } from '../process/closed-stream.ts';
import type { Runner, Session } from '../process/command-run.ts';
import { importStatus } from '../process/outcome.ts';

type ImportCommandOptions = CommonOptions & {
  readonly directory?: string;
  readonly hostname?: string;
  readonly level?: number;
};

/** `postsnap import TAR ARCHIVE`. */
export function importCommand(run: Runner): Command<[ArchiveLocation, ArchiveLocation], ImportCommandOptions> {
  return commandWithCommonOptions('import')
    .description('make an archive of a tar of a queue directory, or of a part of one')
    .argument('<tar>', 'the tar, plain or packed by gzip or zstd; - is stdin', parseArchiveName)
    .argument('<archive>', 'the new file; - is stdout', parseArchiveName)
    .option('--directory <name>', 'the queue directory to take, where the tar holds several')
    .option('--hostname <name>', "the host that the queue was of, which a tar doesn't tell")
    .option(LEVEL_FLAG, LEVEL_HELP, compressionLevel)
    .action((tar, archive, options) => run(options, (session) => takeIn({ tar, archive, options, session })));
}

interface ImportRun {
  readonly tar: ArchiveLocation;
  readonly archive: ArchiveLocation;
  readonly options: ImportCommandOptions;
  readonly session: Session;
}

async function takeIn({ tar, archive, options, session }: ImportRun): Promise<number> {
  refuseTerminal(tar, 'stdin', session);
  refuseTerminal(archive, 'stdout', session);
  if (archive.kind === 'stream') {
    refuseJsonOnStdout(options);
    refuseClosedOutput();
  }
  const { importTar } = await import('../../import/import.ts');
  const { directory, hostname, level } = options;
  const report = await importTar({ tar, archive, directory, hostname, level }, session);
  tellSkipped(report, session);
  tellReport(report, options.json === true, session);
  return importStatus(report);
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

function tellReport(report: ImportReport, json: boolean, session: Session): void {
  if (json) {
    session.output.write(`${JSON.stringify(report)}\n`);
  } else if (report.archive === null) {
    session.show(importSummary(report));
  } else {
    session.output.write(importSummary(report));
  }
}
