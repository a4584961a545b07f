/** `repair`: a queue directory is looked over in place, and mended. */

import { type Command, InvalidArgumentError } from '@commander-js/extra-typings';
import type { RepairPart } from '../../repair/finding.ts';
import type { RepairOutcome } from '../../repair/options.ts';
import {
  type CommonOptions,
  commandWithCommonOptions,
  installationOptions,
  waitOption,
} from '../options/common-options.ts';
import { findingJson, outcomeLine, repairText } from '../output/repair-text.ts';
import type { Runner } from '../process/command-run.ts';
import { repairStatus } from '../process/outcome.ts';
import type { Session } from '../process/session.ts';

type RepairCommandOptions = CommonOptions & {
  readonly dryRun?: true;
  readonly only?: readonly RepairPart[];
  readonly removeOrphans?: true;
};

/** `postsnap repair`. */
export function repairCommand(run: Runner): Command<[], RepairCommandOptions> {
  return commandWithCommonOptions('repair')
    .description('look over a queue directory in place, and mend what is wrong; Postfix must be stopped')
    .option('-n, --dry-run', 'say what is wrong, change nothing')
    .option('--only <parts>', `only these, comma-separated: ${PARTS.join(', ')}`, parseParts)
    .option('--remove-orphans', 'remove logs that are no message’s')
    .addOption(waitOption())
    .action((options) =>
      run(options, (session) => repairQueue(options, session), options.dryRun === true ? undefined : 'repair'),
    );
}

/** As the operation has them; here so that help does not have to load it. */
const PARTS = ['directories', 'owners', 'modes', 'names', 'logs', 'corrupt', 'staging'] as const satisfies RepairPart[];

function parseParts(text: string): RepairPart[] {
  return text.split(',').map((name) => {
    const part = PARTS.find((one) => one === name);
    if (part === undefined) {
      throw new InvalidArgumentError(`It must be of ${PARTS.join(', ')}.`);
    }
    return part;
  });
}

async function repairQueue(options: RepairCommandOptions, session: Session): Promise<number> {
  const { repair } = await import('../../repair/repair.ts');
  const outcomes: RepairOutcome[] = [];
  const report = await repair(
    {
      ...installationOptions(options, session.environment['MAIL_CONFIG']),
      dryRun: options.dryRun === true,
      removeOrphans: options.removeOrphans === true,
      ...(options.only === undefined ? {} : { only: options.only }),
      onFinding: (outcome) => void outcomes.push(outcome),
    },
    session,
  );
  session.summarize({ checked: report.checked, repaired: report.repaired, unrepaired: report.unrepaired });
  for (const outcome of outcomes.filter(({ done, finding }) => !done && finding.code !== 'orphan-log')) {
    if (!report.dry_run) {
      session.warn(outcomeLine(outcome));
    }
  }
  session.tell(
    options.json === true
      ? `${JSON.stringify({ ...report, findings: outcomes.map(findingJson) })}\n`
      : repairText(report, outcomes, session.commands.postsnap('repair')),
  );
  return repairStatus(report);
}
