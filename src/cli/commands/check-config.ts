/** `postsnap check-config`: all that a nightly backup needs is looked over, and told a line each. */

import type { Command } from '@commander-js/extra-typings';
import { runCommand } from '../../fs/command.ts';
import { nodeFileSystem } from '../../fs/node-file-system.ts';
import { CHECK_CONFIG } from '../configuration/apply-settings.ts';
import { CONFIGURATION_VARIABLE } from '../configuration/configuration-file.ts';
import { type CommonOptions, commandWithCommonOptions, installationOptions } from '../options/common-options.ts';
import { StoreReader } from '../options/store.ts';
import { pointsText } from '../output/points-text.ts';
import type { Runner } from '../process/command-run.ts';
import { EVERY_INSTANCE } from '../process/every-instance.ts';
import { DONE, UNCONFIGURED } from '../process/exit-status.ts';
import type { Session } from '../process/session.ts';

/** `postsnap check-config`. */
export function checkConfigCommand(run: Runner): Command<[], CommonOptions> {
  const reader = new StoreReader();
  const command = commandWithCommonOptions(CHECK_CONFIG)
    .description('look over all that a nightly backup needs, from the configuration to the timer')
    .option(EVERY_INSTANCE, 'for each Postfix instance that postmulti -l lists');
  reader.addStoreTo(command);
  return command.action((options) => run(options, (session) => checkConfig(reader, options, session)));
}

async function checkConfig(reader: StoreReader, options: CommonOptions, session: Session): Promise<number> {
  const { checkPoints } = await import('../configuration/check-points.ts');
  const { findSchedule } = await import('../configuration/schedule.ts');
  const named = session.environment[CONFIGURATION_VARIABLE];
  const points = await checkPoints({
    fs: nodeFileSystem,
    file: options.configuration ?? (named === '' ? undefined : named),
    installation: installationOptions(options, session.environment['MAIL_CONFIG']),
    store: () => reader.store(),
    schedule: () => findSchedule(options.postfixInstance, { fs: nodeFileSystem, run: runCommand }),
    now: Date.now(),
    commands: session.commands,
  });
  const wrong = points.filter((point) => !point.ok);
  const ok = wrong.length === 0;
  if (options.quiet === true && options.json !== true) {
    for (const { name, text } of wrong) {
      session.warn(`${name}: ${text}`);
    }
  }
  session.tell(options.json === true ? `${JSON.stringify({ ok, points })}\n` : pointsText(points));
  return ok ? DONE : UNCONFIGURED;
}
