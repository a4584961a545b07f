/** `postsnap unpin`: a pinned snapshot is left to the rules again. */

import type { Command } from '@commander-js/extra-typings';
import { unpin } from '../../keep/pin.ts';
import { type CommonOptions, commandWithoutQueue } from '../options/common-options.ts';
import { StoreReader } from '../options/store.ts';
import { snapshotJson } from '../output/snapshot-table.ts';
import { printable } from '../output/stderr-line.ts';
import type { Runner } from '../process/command-run.ts';
import { DONE } from '../process/exit-status.ts';

/** `postsnap unpin --store STORE SHORTID`. */
export function unpinCommand(run: Runner): Command<[string], CommonOptions> {
  const reader = new StoreReader();
  const command = commandWithoutQueue('unpin')
    .description('let the rules judge a pinned snapshot again')
    .argument('<snapshot>', 'its short id, a time, or latest');
  reader.addTo(command);
  return command.action((wanted, options) =>
    run(options, async (session) => {
      const store = reader.store();
      const snapshot = await unpin({ store, ...reader.lines(), snapshot: wanted, now: Date.now() });
      const after = { ...snapshot, pinned: false };
      const archive = await store.fileOf(snapshot.key);
      session.tell(
        options.json === true
          ? `${JSON.stringify(snapshotJson({ snapshot: after, keptBy: [] }, archive))}\n`
          : `${printable(snapshot.key)} is not pinned any more.\n`,
      );
      return DONE;
    }),
  );
}
