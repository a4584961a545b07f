/** From a plan to files that are staged, with a sealed journal: the whole archive is read and proven on the way. */

import type { FrameRun } from '../archive/archive-reader.ts';
import { archiveLocation } from '../archive-location.ts';
import type { CatalogueLine } from '../format/catalogue-line.ts';
import { systemError } from '../fs/system-error.ts';
import type { JournalEntry } from '../journal/journal.ts';
import { Staging } from '../journal/staging.ts';
import type { Decision } from '../plan/decision.ts';
import type { Plan, PlanWalk } from '../plan/plan.ts';
import { sweepTrials } from './check-target.ts';
import { MessageProgress } from './message-progress.ts';
import type { RestoreRequest } from './request.ts';
import { type StageMessagesOptions, stageMessages } from './stage-messages.ts';
import type { StagePool } from './stage-pool.ts';
import { ownerOf, Proofs } from './submitters.ts';
import type { Surroundings } from './surroundings.ts';
import type { Survey } from './survey.ts';
import type { Tally } from './tally.ts';
import { turnOf } from './turn.ts';

/** What is staged, and what the archive said of it on the way. */
export interface Staged {
  readonly staging: Staging;
  readonly proofs: Proofs;
  /** How many the plan restores. */
  readonly messages: number;
}

/** What a dry run is made with. */
export interface PlanWork {
  readonly pool: StagePool;
  readonly surveyed: Survey;
  readonly tally: Tally;
  readonly walk: PlanWalk;
}

export interface StageWork {
  readonly pool: StagePool;
  readonly surveyed: Survey;
  readonly tally: Tally;
  readonly plan: Plan;
}

/**
 * Stages every message of the plan, and seals the journal. What is not restored is told on the way.
 *
 * @returns undefined if nothing is to be carried out
 * @throws ArchiveError: it is damaged: all is taken back, and the queue was not touched
 * @throws SystemError: a write failed: likewise
 */
export async function stage(
  surroundings: Surroundings,
  request: RestoreRequest,
  work: StageWork,
): Promise<Staged | undefined> {
  const { plan, tally } = work;
  tallyLost(plan, tally);
  if (plan.outlook.messages === 0) {
    tallyOmitted(plan, tally);
    return undefined;
  }
  const { fs, configuration } = surroundings;
  sweepTrials(fs, configuration.queueDirectory);
  return stageAndSeal(surroundings, request, work);
}

/** What a damaged archive has lost, unless it would not have been restored anyway. */
function tallyLost(plan: Plan, tally: Tally): void {
  for (const decision of plan.lost()) {
    tally.omitted(decision);
  }
}

/**
 * Makes the plan, and tells on the way what becomes of each message: the catalogue is read once. Nothing of it is proven.
 */
export function planQuickly(walk: PlanWalk, tally: Tally): Plan {
  walk.lost().forEach((decision) => {
    tally.omitted(decision);
  });
  for (const decision of walk.decisions()) {
    if (decision.kind === 'omit') {
      tally.omitted(decision);
    } else {
      tally.accepted(decision.message, decision.destination);
      tally.wouldRestore(decision.message, decision.destination);
    }
  }
  return walk.finish();
}

/**
 * Proves the archive, and makes the plan on the way: the catalogue is read once. Nothing is written.
 *
 * @throws ArchiveError: it is damaged
 */
export async function planByProof(
  surroundings: Surroundings,
  request: RestoreRequest,
  { pool, surveyed, tally, walk }: PlanWork,
): Promise<Plan> {
  walk.lost().forEach((decision) => {
    tally.omitted(decision);
  });
  const decide = (line: CatalogueLine): Decision | undefined => walk.take(line);
  const runs = watchedRuns(surroundings, request);
  await prove(surroundings, request, { pool, surveyed, tally, runs, decide, onEntry: () => undefined });
  return walk.taken();
}

/** Tells how much of the archive is given to the threads. */
function* watchedRuns({ control }: Surroundings, { archive }: RestoreRequest): Generator<FrameRun> {
  const { seal } = archive;
  const progress = new MessageProgress(control, { phase: 'proving', total: seal.messages + seal.left });
  for (const run of archive.runs()) {
    yield run;
    progress.tell(run.lines.filter(({ kind }) => kind === 'message').length);
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

async function stageAndSeal(
  surroundings: Surroundings,
  request: RestoreRequest,
  work: StageWork,
): Promise<Staged | undefined> {
  const staging = begin(surroundings, request);
  const proofs = new Proofs();
  const { plan } = work;
  const decider = plan.decider();
  const progress = new MessageProgress(surroundings.control, { phase: 'staging', total: plan.outlook.messages });
  const onEntry = (entry: JournalEntry): void => {
    staging.append(entry);
    if (entry.owner !== undefined) {
      proofs.note(entry);
    }
    progress.tell();
  };
  const decide = (line: CatalogueLine): Decision | undefined =>
    line.kind === 'message' ? decider.decide(line) : undefined;
  try {
    const { directory } = staging;
    const runs = request.archive.runs();
    if ((await prove(surroundings, request, { ...work, runs, directory, decide, onEntry })) > 0) {
      staging.seal();
      return { staging, proofs, messages: plan.outlook.messages };
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

function begin({ fs, configuration, now, randomName }: Surroundings, { archive, options }: RestoreRequest): Staging {
  const { queueDirectory, layout } = configuration;
  return new Staging({
    fs,
    queueDirectory,
    layout,
    snapshotId: archive.header.snapshot_id,
    into: options.into ?? 'queues',
    archive: nameOf(options.archive),
    ...(options.pace === undefined ? {} : { pace: options.pace }),
    now,
    randomName,
  });
}

/** For whoever asks later what was cut off. */
function nameOf(archive: RestoreRequest['options']['archive']): string {
  const location = archiveLocation(archive);
  return location.kind === 'file' ? location.path : '-';
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

interface Proving extends Omit<StageWork, 'plan'>, Pick<StageMessagesOptions, 'runs' | 'decide' | 'onEntry'> {
  /** Absolute; absent for a dry run. */
  readonly directory?: string;
}

/** @returns how many messages are staged, or would be */
async function prove(
  surroundings: Surroundings,
  { options }: RestoreRequest,
  { pool, surveyed, tally, runs, decide, directory, onEntry }: Proving,
): Promise<number> {
  const { configuration, now } = surroundings;
  try {
    return await stageMessages({
      runs,
      pool,
      decide,
      tally,
      ...(directory === undefined ? {} : { stagingDirectory: directory }),
      nowNs: BigInt(now().getTime()) * 1_000_000n,
      enableLongQueueIds: configuration.enableLongQueueIds,
      isTaken: surveyed.state.isTaken,
      ownerOf: (message) => ownerOf(surroundings, message),
      turnOf: (message) => turnOf(message, options.pace),
      onEntry,
    });
  } finally {
    // Their memory is free before the messages are carried out.
    await pool.close();
  }
}
