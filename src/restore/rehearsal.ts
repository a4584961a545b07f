/** A dry run: everything that a restore does but write. */

import { unfinishedJournals } from '../journal/journal-file.ts';
import { readReceipts } from '../journal/pending.ts';
import type { RestoreReport } from './options.ts';
import { foresee, lookAtTarget, progress, tallyLost } from './restore-all.ts';
import { type KnownTarget, mayChangeSenders, outsetOf, ownerOf, type RestoreSession, warn } from './session.ts';
import { stageMessages } from './stage-messages.ts';
import type { StagePool } from './stage-pool.ts';
import { createTally, reportOf } from './tally.ts';

/** Proves the whole archive, and tells what a restore would do with each message. */
export async function rehearse(session: RestoreSession, pool: StagePool): Promise<RestoreReport> {
  const { fs, archive, configuration, options, now } = session;
  const { queueDirectory } = configuration;
  if (unfinishedJournals(fs, queueDirectory).length > 0) {
    warn(session, 'an interrupted restore waits to be finished: the next restore into this queue does that first');
  }
  const receipts = readReceipts(fs, queueDirectory, { anySender: mayChangeSenders(session) });
  const known: KnownTarget = { state: lookAtTarget(session), restoredBefore: receipts.has, finished: new Map() };
  const plan = foresee(session, known);
  const tally = createTally(options.onMapping, plan.findingsOf);
  tallyLost(plan, tally);
  const tell = progress(session, 'proving', plan.outlook.messages);
  await stageMessages({
    runs: archive.runs(),
    pool,
    decide: plan.decider(),
    tally,
    nowNs: BigInt(now().getTime()) * 1_000_000n,
    enableLongQueueIds: configuration.enableLongQueueIds,
    isTaken: known.state.isTaken,
    ownerOf: (message) => ownerOf(session, message),
    onEntry: tell,
  });
  return reportOf({ tally, outset: outsetOf(session, { plan, state: known.state }) }, session);
}
