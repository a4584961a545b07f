/** A restore, from the finding of what earlier ones have left to the last ready bit. With mail_owner's rights. */

import { resolve } from 'node:path';
import { archiveLocation } from '../archive-location.ts';
import { acquireLock } from '../fs/lock.ts';
import { systemLockEnvironment } from '../fs/lock-environment.ts';
import { systemError } from '../fs/system-error.ts';
import { carryOut } from '../journal/carry-out.ts';
import type { JournalHead } from '../journal/journal.ts';
import { finishPending, type PendingGround, type PendingOptions } from '../journal/pending.ts';
import { readReceipts } from '../journal/receipts.ts';
import { relabelFor } from '../journal/relabel.ts';
import { beginStaging, type Staging } from '../journal/staging.ts';
import { stateDirectory } from '../journal/state-directory.ts';
import type { Plan } from '../plan/plan.ts';
import { discoverDepths } from '../spool/source.ts';
import { readTargetState, type TargetState } from '../spool/target-state.ts';
import { checkHardLinks, checkQueues } from './check-target.ts';
import { checkRoom } from './free-space.ts';
import type { RestoreReport } from './options.ts';
import {
  type KnownTarget,
  makePlan,
  mayChangeSenders,
  outsetOf,
  ownerOf,
  type RestoreSession,
  reasonOf,
  warn,
} from './session.ts';
import { stageMessages } from './stage-messages.ts';
import type { StagePool } from './stage-pool.ts';
import { createProofs, type Proofs, submittersOf } from './submitters.ts';
import { createTally, reportOf, type Tally } from './tally.ts';

/** Restores the session's archive. The state directory must be there. */
export async function restoreAll(session: RestoreSession, pool: StagePool): Promise<RestoreReport> {
  const { fs, configuration, options } = session;
  const lock = acquireLock(fs, stateDirectory(configuration.queueDirectory), systemLockEnvironment());
  try {
    const known = await knowTarget(session);
    const plan = foresee(session, known);
    const tally = createTally(options.onMapping, plan.findingsOf);
    tallyLost(plan, tally);
    if (plan.outlook.messages > 0) {
      checkHardLinks(fs, configuration.queueDirectory, session.randomName);
      await stageAndCarryOut(session, { pool, known, tally, plan });
    } else {
      tallyOmitted(plan, tally);
    }
    return reportOf({ tally, outset: outsetOf(session, { plan, state: known.state }) }, session);
  } catch (error) {
    const nextStep = 'Mend that, and run the same command again.';
    throw systemError(error, { action: "can't restore into", path: configuration.queueDirectory, nextStep });
  } finally {
    lock.release();
  }
}

/** What a damaged archive has lost, unless it would not have been restored anyway. */
export function tallyLost(plan: Plan, tally: Tally): void {
  for (const decision of plan.lost()) {
    tally.omitted(decision);
  }
}

/** Nothing is to be restored: the messages are told without a look at their frames. */
function tallyOmitted(plan: Plan, tally: Tally): void {
  for (const decision of plan.decisions()) {
    if (decision.kind === 'omit') {
      tally.omitted(decision);
    }
  }
}

/** Finishes what was cut off, then looks at what the target holds. */
async function knowTarget(session: RestoreSession): Promise<KnownTarget> {
  const { fs, configuration } = session;
  const { messages: finished } = await finishPending({
    ...groundOf(session),
    ...carrying(session),
    accepts: (head) => isThisRestore(session, head),
  });
  if (finished.size > 0) {
    warn(session, `an interrupted restore was finished first: ${countDone(finished)} messages`);
  }
  const receipts = readReceipts(fs, configuration.queueDirectory, { anySender: mayChangeSenders(session) });
  return { state: lookAtTarget(session), restoredBefore: receipts.has, finished };
}

function countDone(finished: KnownTarget['finished']): number {
  return [...finished.values()].filter(({ kind }) => kind === 'done').length;
}

/** What is finished under the name of a restore is that very restore: of the same archive, by the same route. */
export function isThisRestore({ archive, options }: RestoreSession, head: JournalHead): boolean {
  return head.snapshot_id === archive.header.snapshot_id && head.into === (options.into ?? 'queues');
}

/** Where messages are placed. */
function groundOf({ fs, configuration }: RestoreSession): PendingGround {
  const { queueDirectory, layout, enableLongQueueIds } = configuration;
  return { fs, queueDirectory, layout, enableLongQueueIds };
}

const UNPROVEN =
  "genuine submissions were left to mail_owner: only root gives them to who made them, where the system lets it, and by the archive's word alone";

function carrying(
  session: RestoreSession,
  proofs?: Proofs,
): Omit<PendingOptions, keyof PendingGround> & Pick<PendingGround, 'submitters'> {
  const { control, now } = session;
  const relabel = relabelFor(session);
  const submitters = submittersOf(session, proofs);
  return {
    now,
    onUnproven: () => warn(session, UNPROVEN),
    ...(control.signal === undefined ? {} : { signal: control.signal }),
    ...(submitters === undefined ? {} : { submitters }),
    ...(relabel === undefined ? {} : { relabel }),
  };
}

/** Lists the target, and reads those of its messages that may be of the archive. */
export function lookAtTarget(session: RestoreSession): TargetState {
  const { fs, configuration, archive, clock } = session;
  const { queueDirectory, layout, minimalBackoffSeconds } = configuration;
  const source = { fs, queueDirectory, depths: discoverDepths(fs, queueDirectory, layout) };
  const state = readTargetState(source, {
    minimalBackoffMs: minimalBackoffSeconds * 1000,
    clock,
    anySender: mayChangeSenders(session),
    sought: () => {
      const sizes = new Set<number>();
      let submissions = false;
      for (const line of archive.catalogue()) {
        if (line.kind === 'message') {
          sizes.add(line.file_size);
          submissions ||= line.queue_name === 'maildrop';
        }
      }
      return { sizes, submissions };
    },
  });
  if (!state.settled) {
    warn(
      session,
      'the target queue never stood still while it was looked at: a message of the archive may be in it unseen, and come twice',
    );
  }
  return state;
}

/** Makes the plan, and refuses what can't be done before the first write. */
export function foresee(session: RestoreSession, known: KnownTarget): Plan {
  const { fs, configuration } = session;
  const plan = makePlan(session, known);
  checkQueues(fs, configuration, plan.outlook.queues.keys());
  checkRoom(fs, configuration, plan.outlook);
  return plan;
}

interface Work {
  readonly pool: StagePool;
  readonly known: KnownTarget;
  readonly tally: Tally;
  readonly plan: Plan;
}

/** What is staged, and what the archive said of it on the way. */
interface Staged {
  readonly staging: Staging;
  readonly proofs: Proofs;
}

async function stageAndCarryOut(session: RestoreSession, work: Work): Promise<void> {
  const staged = await stageAll(session, work);
  if (staged === undefined) {
    return;
  }
  const { staging, proofs } = staged;
  const { submitters, ...rest } = carrying(session, proofs);
  const target = groundOf(session);
  const tell = progress(session, 'putting into the queues', work.plan.outlook.messages);
  await carryOut({
    ...rest,
    target: submitters === undefined ? target : { ...target, submitters },
    journal: staging.journal,
    stagingDirectory: staging.directory,
    known: staging.known(),
    onFailed: (entry, failure) => {
      work.tally.failed(entry, reasonOf(failure, entry.new_queue_id));
      tell();
    },
    onDone: (entry) => {
      work.tally.restored(entry);
      tell();
    },
  });
}

/** Stages everything and seals the journal; undefined if nothing was left to carry out. */
async function stageAll(session: RestoreSession, work: Work): Promise<Staged | undefined> {
  const { fs, configuration, archive, options, now, randomName } = session;
  const { queueDirectory, layout } = configuration;
  const staging = beginStaging({
    fs,
    queueDirectory,
    layout,
    snapshotId: archive.header.snapshot_id,
    into: options.into ?? 'queues',
    archive: nameOf(options.archive),
    now,
    randomName,
  });
  const proofs = createProofs();
  try {
    const messages = await stageInto({ staging, proofs }, session, work);
    if (messages > 0) {
      staging.seal();
      return { staging, proofs };
    }
  } catch (error) {
    const nextStep = 'The queue was not touched: mend that, and run the same command again.';
    discardAfter(
      systemError(error, { action: "can't stage the restore in", path: staging.directory, nextStep }),
      staging,
    );
  }
  staging.discard();
  return undefined;
}

/** For whoever asks later what was cut off. */
function nameOf(archive: RestoreSession['options']['archive']): string {
  const location = archiveLocation(archive);
  return location.kind === 'file' ? resolve(location.path) : '-';
}

/** The first error is the one to tell; what can't be removed now is swept by the next restore. */
function discardAfter(error: unknown, staging: Staging): never {
  try {
    staging.discard();
  } catch {
    // See above.
  }
  throw error;
}

async function stageInto({ staging, proofs }: Staged, session: RestoreSession, work: Work): Promise<number> {
  const { archive, configuration, now } = session;
  const tell = progress(session, 'staging', work.plan.outlook.messages);
  try {
    return await stageMessages({
      runs: archive.runs(),
      pool: work.pool,
      decide: work.plan.decider(),
      tally: work.tally,
      stagingDirectory: staging.directory,
      nowNs: BigInt(now().getTime()) * 1_000_000n,
      enableLongQueueIds: configuration.enableLongQueueIds,
      isTaken: work.known.state.isTaken,
      ownerOf: (message) => ownerOf(session, message),
      onEntry: (entry) => {
        staging.append(entry);
        if (entry.owner !== undefined) {
          proofs.note(entry);
        }
        tell();
      },
    });
  } finally {
    // Its threads must be gone before the carrying out changes the effective user back and forth.
    await work.pool.close();
  }
}

/** Tells an operation's progress, a message at a call. */
export function progress({ control }: RestoreSession, phase: string, total: number): () => void {
  let done = 0;
  return () => {
    done += 1;
    control.onEvent?.({ kind: 'progress', phase, done, total, unit: 'messages' });
  };
}
