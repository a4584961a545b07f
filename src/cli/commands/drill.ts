/** `postsnap drill`: an archive is restored for trial, and what came out is told. */

import { type Command, Option } from '@commander-js/extra-typings';
import type { DrillReport } from '../../drill/drill.ts';
import { OperatorError } from '../../errors.ts';
import type { FileSystem } from '../../fs/file-system.ts';
import { type CommonOptions, commandWithoutQueue, installationOptions } from '../options/common-options.ts';
import { METRICS_FLAG, METRICS_HELP } from '../options/metrics-file.ts';
import { pingOption } from '../options/ping-url.ts';
import { type ChosenArchive, StoreReader } from '../options/store.ts';
import { writeDrillMetrics } from '../output/metrics-file.ts';
import { metricsWriter } from '../output/metrics-writer.ts';
import { countOf } from '../output/quantity.ts';
import type { Runner } from '../process/command-run.ts';
import { DONE, LEFT_OUT } from '../process/exit-status.ts';
import { type EndedRun, writingMetrics } from '../process/metrics-run.ts';
import type { Session } from '../process/session.ts';

/** Room that stays when the machine is started again: the directory holds the whole queue for a while. */
const DEFAULT_DIRECTORY = '/var/tmp';

function directoryOption(): Option<'--directory <dir>', undefined, string> {
  return new Option('--directory <dir>', 'where the queue directory is made').default(
    DEFAULT_DIRECTORY,
    DEFAULT_DIRECTORY,
  );
}

type DrillCommandOptions = CommonOptions & { readonly directory: string; readonly metricsFile?: string };

/** `postsnap drill ARCHIVE`, `postsnap drill --store STORE`. */
export function drillCommand(run: Runner): Command<[string | undefined], DrillCommandOptions> {
  const reader = new StoreReader();
  const command = commandWithoutQueue('drill', ['configDir', 'postfixInstance', 'option'])
    .description('restore an archive for trial into a queue directory that is removed again, and check every file')
    .argument('[archive]', 'the archive; none with --store, which means the newest snapshot')
    .addOption(directoryOption())
    .option(METRICS_FLAG, METRICS_HELP);
  command.addOption(pingOption());
  reader.addSnapshotTo(command);
  return command.action((archive, options) =>
    run(
      options,
      (session) =>
        withDrillMetrics(options.metricsFile, session, async (told) =>
          drillOne(await reader.chooseNewest(archive, Date.now()), { options, told }, session),
        ),
      'drill',
    ),
  );
}

interface Asked {
  readonly options: DrillCommandOptions;
  readonly told: (restored: number) => void;
}

async function drillOne({ archive }: ChosenArchive, { options, told }: Asked, session: Session): Promise<number> {
  if (archive.kind !== 'file') {
    throw new OperatorError('usage', 'a drill reads the archive more than once, and a pipe gives it once', {
      nextStep: 'Write it to a file, and name that.',
    });
  }
  const { drill } = await import('../../drill/drill.ts');
  const { queueDirectory: _, ...installation } = installationOptions(options, session.environment['MAIL_CONFIG']);
  const report = await drill({ archive, ...installation, directory: options.directory }, session);
  told(report.restored);
  const { snapshot_id, restored, checked, problems } = report;
  session.summarize({ snapshot: snapshot_id, restored, checked, problems: problems.length });
  for (const { queue_name, queue_id, reason } of problems) {
    session.warn(queue_id === null ? reason : `${queue_name}/${queue_id}: ${reason}`);
  }
  session.tell(options.json === true ? `${JSON.stringify(report)}\n` : drillSummary(report));
  return report.ok ? DONE : LEFT_OUT;
}

function drillSummary({ restored, checked, judged_by, problems, left }: DrillReport): string {
  if (checked === 0 && problems.length === 0) {
    return 'No message was in the queue of the snapshot: nothing could be tried.\n';
  }
  const judged = judged_by === null ? 'No Postfix looked at them.' : `Postfix ${judged_by} took all of them.`;
  const gone = left === 0 ? '' : ` ${countOf(left, 'message')} had left the queue.`;
  const counted = `${countOf(restored, 'message')} restored for trial, ${countOf(checked, 'file')} compared.${gone}`;
  return problems.length === 0
    ? `${counted} ${judged}\nNothing is left of it, and no queue was touched.\n`
    : `${counted}\n${countOf(problems.length, 'problem')}: each is on stderr.\n`;
}

/** Runs a drill, and writes its metrics however it ends. */
async function withDrillMetrics(
  file: string | undefined,
  session: Session,
  work: (told: (restored: number) => void) => Promise<number>,
): Promise<number> {
  let restored: number | undefined;
  const write = (fs: FileSystem, path: string, run: EndedRun): void =>
    writeDrillMetrics(fs, path, { ...run, restored });
  return writingMetrics(metricsWriter(file, write), session, () =>
    work((count) => {
      restored = count;
    }),
  );
}
