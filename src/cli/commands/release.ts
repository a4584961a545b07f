/** `postsnap release`: mail on hold is released, slowly where that is asked for. */

import { resolve } from 'node:path';
import type { Command } from '@commander-js/extra-typings';
import { OperatorError } from '../../errors.ts';
import { readConfiguration } from '../../postfix/configuration.ts';
import type { ReleaseMapping, ReleaseReport } from '../../release/options.ts';
import {
  type CommonOptions,
  commandWithCommonOptions,
  installationOptions,
  isVerbose,
} from '../options/common-options.ts';
import { type PaceOptions, paceOf, rateByOption, rateOption } from '../options/pace.ts';
import { SelectionReader } from '../options/selection.ts';
import { releaseText } from '../output/release-text.ts';
import { isGiven } from '../output/selection-warnings.ts';
import type { Runner } from '../process/command-run.ts';
import { releaseStatus } from '../process/outcome.ts';
import type { Session } from '../process/session.ts';

type ReleaseCommandOptions = CommonOptions & PaceOptions & { readonly dryRun?: true };

/** `postsnap release`. */
export function releaseCommand(run: Runner): Command<[string[]], ReleaseCommandOptions> {
  const selection = new SelectionReader();
  const command = commandWithCommonOptions('release')
    .description('release mail on hold, by postsuper, slowly where that is asked for')
    .argument('[queue-id...]', 'only these messages; - reads queue IDs from stdin')
    .option('-n, --dry-run', 'say what would be released, change nothing')
    .addOption(rateOption('release at most so many messages in a time'))
    .addOption(rateByOption());
  selection.addTo(command, ['queues', 'states']);
  return command.action((ids, options, self) =>
    run(options, async (session) => {
      const { configDirectory } = installationOptions(options, session.environment['MAIL_CONFIG']);
      if (self.getOptionValueSource('queueDirectory') === 'config') {
        refuseOtherQueue(options, configDirectory);
      } else {
        refuseUnknownPlaces(options);
      }
      const chosen = await selection.read(ids, { session, isInputTaken: false });
      const pace = paceOf(options);
      const { release } = await import('../../release/release.ts');
      const report = await release(
        {
          ...(configDirectory === undefined ? {} : { configDirectory }),
          selection: chosen,
          dryRun: options.dryRun === true,
          onMapping: (mapping) => tellMapping(mapping, options, session),
          ...(pace === undefined ? {} : { pace }),
        },
        session,
      );
      return tellReport(report, { options, isSelective: isGiven(chosen) }, session);
    }),
  );
}

/** @throws OperatorError `usage`: postsuper(1) knows instances, and nothing else */
function refuseUnknownPlaces({ queueDirectory, option }: ReleaseCommandOptions): void {
  const other = queueDirectory === undefined ? '-o' : '--queue-directory';
  if (queueDirectory !== undefined || Object.keys(option ?? {}).length > 0) {
    throw new OperatorError(
      'usage',
      `${other} means nothing here: mail is released by postsuper, which goes by main.cf`,
      {
        nextStep: 'Choose an instance by -c.',
      },
    );
  }
}

/** A setting for all commands, which is right as long as main.cf says the same. */
function refuseOtherQueue({ queueDirectory = '' }: ReleaseCommandOptions, configDirectory: string | undefined): void {
  const main = readConfiguration(configDirectory === undefined ? {} : { configDirectory });
  if (resolve(queueDirectory) !== resolve(main.queueDirectory)) {
    throw new OperatorError(
      'configuration',
      `the setting queue-directory is ${queueDirectory}, and main.cf has ${main.queueDirectory}: mail is released by postsuper, which goes by main.cf`,
      { nextStep: 'Choose an instance by -i or -c, or mend the setting.' },
    );
  }
}

function tellMapping({ queue_id, action }: ReleaseMapping, options: ReleaseCommandOptions, session: Session): void {
  if (action === 'failed') {
    session.warn(`${queue_id}: still on hold`);
  } else if (isVerbose(options)) {
    session.remark(`${queue_id}: ${options.dryRun === true ? 'would be ' : ''}${action}`);
  }
}

function tellReport(
  report: ReleaseReport,
  { options, isSelective }: { readonly options: ReleaseCommandOptions; readonly isSelective: boolean },
  session: Session,
): number {
  for (const id of report.missing_ids) {
    session.warn(`${id}: no such message on hold`);
  }
  if (report.failure !== '') {
    session.warn(report.failure);
  }
  session.tell(options.json === true ? `${JSON.stringify(report)}\n` : releaseText(report));
  return releaseStatus(report, isSelective);
}
