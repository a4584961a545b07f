/** `postsnap snapshots`: the snapshots of a store are listed. */

import type { Command } from '@commander-js/extra-typings';
import { snapshots } from '../../keep/snapshots.ts';
import { type CommonOptions, commandWithoutQueue } from '../options/common-options.ts';
import { RetentionReader } from '../options/retention.ts';
import { StoreReader } from '../options/store.ts';
import { snapshotJson, snapshotTable } from '../output/snapshot-table.ts';
import type { Runner } from '../process/command-run.ts';
import { DONE } from '../process/exit-status.ts';
import type { Session } from '../process/session.ts';

/** `postsnap snapshots --store STORE`. */
export function snapshotsCommand(run: Runner): Command<[], CommonOptions> {
  const [reader, retention] = [new StoreReader(), new RetentionReader()];
  const command = commandWithoutQueue('snapshots').description(
    'show what a store holds; with what is to be kept, also why each is kept',
  );
  reader.addTo(command);
  retention.addTo(command);
  return command.action((options) => run(options, (session) => showSnapshots({ reader, retention, options }, session)));
}

interface Asked {
  readonly reader: StoreReader;
  readonly retention: RetentionReader;
  readonly options: CommonOptions;
}

async function showSnapshots({ reader, retention, options }: Asked, session: Session): Promise<number> {
  const [store, now] = [reader.store(), Date.now()];
  const verdicts = await snapshots({ store, ...reader.lines(), rules: retention.rules(), now });
  if (options.json === true) {
    for (const verdict of verdicts) {
      const archive = await store.fileOf(verdict.snapshot.key);
      session.tell(`${JSON.stringify(snapshotJson(verdict, archive))}\n`);
    }
  } else if (verdicts.length === 0) {
    session.tell(`${store.name} holds no such snapshot.\n`);
  } else {
    session.tell(snapshotTable(verdicts, now));
  }
  session.output.flush();
  return DONE;
}
