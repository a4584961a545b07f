/** A dry run: everything that a restore does but write. */

import { type Finished, foreseeFinish, pendingJournals, tellPending } from '../journal/pending.ts';
import { readReceipts } from '../journal/receipts.ts';
import type { RestoreReport } from './options.ts';
import { foresee, isThisRestore, lookAtTarget, progress, tallyLost } from './restore-all.ts';
import { type KnownTarget, mayChangeSenders, outsetOf, ownerOf, type RestoreSession, warn } from './session.ts';
import { stageMessages } from './stage-messages.ts';
import type { StagePool } from './stage-pool.ts';
import { createTally, reportOf } from './tally.ts';

/** Proves the whole archive, and tells what a restore would do with each message. */
export async function rehearse(session: RestoreSession, pool: StagePool): Promise<RestoreReport> {
  const { fs, archive, configuration, options, now } = session;
  const { queueDirectory } = configuration;
  const finished = foreseeFinished(session);
  const receipts = readReceipts(fs, queueDirectory, { anySender: mayChangeSenders(session) });
  const known: KnownTarget = { state: lookAtTarget(session), restoredBefore: receipts.has, finished };
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

/** A restore finishes its own interrupted beginning; that of another one it does not touch. */
function foreseeFinished(session: RestoreSession): KnownTarget['finished'] {
  const { fs, configuration } = session;
  const finished = new Map<string, Finished>();
  for (const journal of pendingJournals(fs, configuration.queueDirectory)) {
    const isOwn = isThisRestore(session, journal.head);
    const what = isOwn
      ? 'this restore finishes it first'
      : 'until it is finished or given up, this restore does nothing';
    warn(session, `${tellPending(journal)}; ${what}`);
    for (const [fingerprint, one] of isOwn ? foreseeFinish(fs, journal) : []) {
      finished.set(fingerprint, one);
    }
  }
  return finished;
}
