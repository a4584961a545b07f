/** `postsnap check`: the newest snapshot of each line is judged by its age, for monitoring. */

import { type Command, Option } from '@commander-js/extra-typings';
import { OperatorError } from '../../errors.ts';
import { check } from '../../keep/check.ts';
import { parseSeconds } from '../options/amount.ts';
import { type CommonOptions, commandWithoutQueue } from '../options/common-options.ts';
import { StoreReader } from '../options/store.ts';
import { checkJson, pluginLine, pluginStatus, UNKNOWN, unknownLine } from '../output/check-plugin.ts';
import { nextStepOf, withNextStep } from '../output/next-step.ts';
import type { Runner } from '../process/command-run.ts';
import { isForeseen } from '../process/exit-status.ts';
import type { Session } from '../process/session.ts';

/** A night and two hours. */
const DEFAULT_MAX_AGE = '26h';

type CheckCommandOptions = CommonOptions & { readonly maxAge: number; readonly warnAge?: number };

/** `postsnap check --store STORE`. */
export function checkCommand(run: Runner): Command<[], CheckCommandOptions> {
  const reader = new StoreReader();
  const command = commandWithoutQueue('check', [], STATUS_HELP)
    .description('tell in one line whether the newest snapshots are young enough, as a plugin of Nagios does')
    .addOption(
      new Option('--max-age <age>', 'critical if the newest is older')
        .argParser(parseSeconds)
        .default(parseSeconds(DEFAULT_MAX_AGE), DEFAULT_MAX_AGE),
    )
    .option('--warn-age <age>', 'a warning if the newest is older', parseSeconds);
  reader.addTo(command);
  return command.action((options) => run(options, (session) => checkStore(reader, options, session)));
}

/** A plugin's own (Monitoring Plugins Development Guidelines); what can't even begin ends as everywhere. */
const STATUS_HELP = `Exit status:
  0        OK
  1        WARNING: not verified, getting old, dated in the future
  2        CRITICAL: too old, none at all
  3        UNKNOWN: the store can't be looked at
  64       the command line is wrong
  78       the configuration of postsnap is unusable`;

/** What warns must come first. */
function refuseLateWarning({ maxAge, warnAge }: CheckCommandOptions): void {
  if (warnAge !== undefined && warnAge >= maxAge) {
    throw new OperatorError('usage', '--warn-age would never warn: it is not less than --max-age');
  }
}

async function checkStore(reader: StoreReader, options: CheckCommandOptions, session: Session): Promise<number> {
  refuseLateWarning(options);
  try {
    const warnAge = options.warnAge;
    const report = await check({
      store: reader.store(),
      ...reader.lines(),
      maxAgeMs: options.maxAge * 1000,
      warnAgeMs: warnAge === undefined ? undefined : warnAge * 1000,
      now: Date.now(),
    });
    session.tell(
      options.json === true
        ? `${JSON.stringify(checkJson(report))}\n`
        : pluginLine(report, { maxAgeSeconds: options.maxAge, warnAgeSeconds: warnAge }),
    );
    return pluginStatus(report);
  } catch (error) {
    if (!isForeseen(error)) {
      throw error;
    }
    session.tell(unknownLine(withNextStep(error.message, nextStepOf(error, session.commands))));
    return UNKNOWN;
  }
}
