/** `postsnap status`: the restores into a queue that were cut off are told. */

import type { Command } from '@commander-js/extra-typings';
import { type CommonOptions, commandWithCommonOptions, installationOptions } from '../options/common-options.ts';
import { statusText } from '../output/unfinished-text.ts';
import type { Runner } from '../process/command-run.ts';
import { unfinishedStatus } from '../process/outcome.ts';
import type { Session } from '../process/session.ts';

/** `postsnap status`. */
export function statusCommand(run: Runner): Command<[], CommonOptions> {
  return commandWithCommonOptions('status')
    .description('tell whether a restore into the queue was cut off, and what waits')
    .action((options) => run(options, (session) => tellStatus(options, session)));
}

async function tellStatus(options: CommonOptions, session: Session): Promise<number> {
  const { status } = await import('../../restore/unfinished.ts');
  const report = await status(installationOptions(options, session.environment['MAIL_CONFIG']), session);
  session.tell(options.json === true ? `${JSON.stringify(report)}\n` : statusText(report, session.commands));
  return unfinishedStatus(report);
}
