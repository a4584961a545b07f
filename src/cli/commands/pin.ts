/** `postsnap pin`: a snapshot of a store is kept, whatever the rules say. */

import type { Command } from '@commander-js/extra-typings';
import { pin } from '../../keep/pin.ts';
import { type CommonOptions, commandWithoutQueue } from '../options/common-options.ts';
import { StoreReader } from '../options/store.ts';
import { snapshotJson } from '../output/snapshot-table.ts';
import { printable } from '../output/stderr-line.ts';
import type { Runner } from '../process/command-run.ts';
import { DONE } from '../process/exit-status.ts';

/** `postsnap pin --store STORE SHORTID`. */
export function pinCommand(run: Runner): Command<[string], CommonOptions> {
  const reader = new StoreReader();
  const command = commandWithoutQueue('pin')
    .description('keep a snapshot whatever the rules, until `postsnap unpin`')
    .argument('<snapshot>', 'its short id, a time, or latest');
  reader.addTo(command);
  return command.action((wanted, options) =>
    run(options, async (session) => {
      const store = reader.store();
      const snapshot = await pin({ store, ...reader.lines(), snapshot: wanted, now: Date.now() });
      const after = { ...snapshot, pinned: true };
      const archive = await store.fileOf(snapshot.key);
      session.tell(
        options.json === true
          ? `${JSON.stringify(snapshotJson({ snapshot: after, keptBy: ['pinned'] }, archive))}\n`
          : `${printable(snapshot.key)} is pinned.\n`,
      );
      return DONE;
    }),
  );
}
