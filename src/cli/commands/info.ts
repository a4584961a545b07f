/** `postsnap info`: what an archive says of itself. */

import type { Command } from '@commander-js/extra-typings';
import type { ArchiveLocation } from '../../archive-location.ts';
import { archiveName, refuseTerminal } from '../options/archive-name.ts';
import { type CommonOptions, commandWithoutQueue } from '../options/common-options.ts';
import { StoreReader } from '../options/store.ts';
import { infoText } from '../output/info-text.ts';
import type { Runner } from '../process/command-run.ts';
import { DONE } from '../process/exit-status.ts';
import type { Session } from '../process/session.ts';

/** `postsnap info ARCHIVE`. */
export function infoCommand(run: Runner): Command<[string | undefined], CommonOptions> {
  const reader = new StoreReader();
  const command = commandWithoutQueue('info')
    .description('tell what an archive is: host, instance, times, counts by queue, sizes, versions')
    .argument('[archive]', 'the archive; - is stdin; none with --store');
  reader.addSnapshotTo(command);
  return command.action((given, options) =>
    run(options, async (session) => {
      const { archive } = await reader.chooseOnly(given, Date.now());
      return tellInfo(archive, options, session);
    }),
  );
}

async function tellInfo(archive: ArchiveLocation, options: CommonOptions, session: Session): Promise<number> {
  refuseTerminal(archive, 'stdin', session);
  const { info } = await import('../../inspect/info.ts');
  const report = await info({ archive }, session);
  session.tell(options.json === true ? `${JSON.stringify(report)}\n` : infoText(report, archiveName(archive, 'stdin')));
  session.output.flush();
  return DONE;
}
