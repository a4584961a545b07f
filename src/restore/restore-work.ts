/**
 * What a restore does in the queue, with the rights of its owner, on one page: open, survey, plan, stage, carry out. Each
 * of them says what it throws.
 */

import { namedError } from '../archive/open-failure.ts';
import { systemError } from '../fs/system-error.ts';
import { lockState } from '../journal/state-lock.ts';
import { leftAs } from '../operation.ts';
import type { Plan } from '../plan/plan.ts';
import { compileSelection } from '../plan/selection.ts';
import { SystemAccounts } from '../postfix/accounts.ts';
import type { PostfixConfiguration } from '../postfix/configuration.ts';
import type { OwnerSurroundings, OwnerWork } from '../rights/owner-work.ts';
import { hasMembers } from '../rights/told.ts';
import { carryOutStaged } from './carry-out-staged.ts';
import type { MessageMapping, RestoreOptions, RestoreOutset, RestoreReport } from './options.ts';
import { beginPlan, checkPlan, outsetOf } from './planning.ts';
import type { RestoreRequest } from './request.ts';
import { openRestoredArchive, type RestoredArchive } from './restored-archive.ts';
import { type GivenLog, readSinceLog } from './since-log.ts';
import { type PlanWork, planByProof, planQuickly, stage } from './stage.ts';
import { openStagePool, type StagePool } from './stage-pool.ts';
import { clockAndNames, type Surroundings, Warnings } from './surroundings.ts';
import { type Survey, survey } from './survey.ts';
import { reportOf, Tally } from './tally.ts';

/** Plain data. */
export interface RestoreSetup {
  readonly options: Omit<RestoreOptions, 'onMapping' | 'onPlan'>;
  readonly configuration: PostfixConfiguration;
  /** For messages. */
  readonly archiveName: string;
  /** The names of the mail logs, for messages. */
  readonly logNames: readonly string[];
  /** When the restore was asked for, in seconds since the epoch: ages are counted from it. */
  readonly now: number;
  /** Whether Postfix works on the queue; undefined where it can't be told. */
  readonly running: boolean | undefined;
  /** The services of master.cf; undefined where they can't be told. */
  readonly services: readonly string[] | undefined;
}

/** What is told on the way: what is known before anything is done, once, and what became of each message. */
export type RestoreRow = { readonly mapping: MessageMapping } | { readonly outset: RestoreOutset };

/** Its files are the archive, two empty ones where it is to be salvaged, and the mail logs. */
export const restoreWork: OwnerWork<RestoreSetup, RestoreReport, RestoreRow> = {
  name: 'restore',
  task: 'place',
  run: restoreHere,
  isReport: (value): value is RestoreReport =>
    hasMembers(value, {
      snapshot_id: 'string',
      into: 'string',
      dry_run: 'boolean',
      proven: 'boolean',
      routes: 'array',
      restored: 'number',
      already_present: 'number',
      already_restored: 'number',
      delivered_since: 'number',
      recipients_done: 'number',
      left: 'number',
      not_selected: 'number',
      damaged: 'number',
      failed: 'number',
      unaccounted_bytes: 'number',
      accounted: 'boolean',
      warnings: 'array',
      archive: 'object',
      target: 'object',
      findings: 'array',
      room: 'object',
    }),
  isRow: (value): value is RestoreRow =>
    hasMembers(value, { mapping: 'object' }) || hasMembers(value, { outset: 'object' }),
};

/**
 * A restore in the queue, from the opening of the archive to the last ready bit. A dry run goes the same way, and has
 * nothing to carry out.
 */
async function restoreHere(setup: RestoreSetup, given: OwnerSurroundings<RestoreRow>): Promise<RestoreReport> {
  const surroundings = surroundingsOf(setup, given);
  const request = await openRequest(setup, given, surroundings);
  const logs = logsOf(setup, given);
  const pool = await openPool(setup, given, request);
  try {
    if (setup.options.dryRun === true) {
      return await restoreMessages(surroundings, request, { pool, logs, tell: given.tell });
    }
    given.makeStateDirectory();
    return await withLock(surroundings, () => restoreMessages(surroundings, request, { pool, logs, tell: given.tell }));
  } catch (error) {
    throw namedError(error, setup.archiveName);
  } finally {
    await pool.close();
  }
}

interface RestoreTools {
  readonly pool: StagePool;
  readonly logs: readonly GivenLog[];
  readonly tell: (row: RestoreRow) => void;
}

/** The last of the files. */
function logsOf({ logNames }: RestoreSetup, { files }: OwnerSurroundings<RestoreRow>): GivenLog[] {
  const descriptors = files.slice(files.length - logNames.length);
  return logNames.flatMap((name, at) => {
    const fd = descriptors[at];
    return fd === undefined ? [] : [{ name, fd }];
  });
}

async function restoreMessages(
  surroundings: Surroundings,
  request: RestoreRequest,
  { pool, logs, tell }: RestoreTools,
): Promise<RestoreReport> {
  const surveyed = await survey(surroundings, request);
  // What was cut off before is finished by then.
  const state = request.options.dryRun === true || surveyed.finished.size === 0 ? 'untouched' : 'goes-on';
  return leftAs(state, () => restoreSurveyed(surroundings, request, { pool, logs, tell, surveyed }));
}

async function restoreSurveyed(
  surroundings: Surroundings,
  request: RestoreRequest,
  { pool, logs, tell, surveyed }: RestoreTools & { readonly surveyed: Survey },
): Promise<RestoreReport> {
  const since = logs.length === 0 ? undefined : await readSinceLog(surroundings, request, logs);
  const walk = beginPlan(surroundings, request, { surveyed, since });
  const tally = new Tally((mapping) => tell({ mapping }), walk.findingsOf);
  const isDry = request.options.dryRun === true;
  const plan = isDry ? await foresee(surroundings, request, { pool, surveyed, tally, walk }) : walk.finish();
  const outset = outsetOf(surroundings, request, { plan, surveyed, since });
  tell({ outset });
  checkPlan(surroundings, { plan, room: outset.room });
  const staged = isDry ? undefined : await stage(surroundings, request, { pool, surveyed, tally, plan });
  if (staged !== undefined) {
    await carryOutStaged(surroundings, request, { staged, tally });
  }
  return reportOf(request, { tally, outset, warnings: surroundings.warnings });
}

/** The plan of a dry run: what becomes of each message is told on the way. */
function foresee(surroundings: Surroundings, request: RestoreRequest, work: PlanWork): Plan | Promise<Plan> {
  return request.options.quick === true ? planQuickly(work.walk, work.tally) : planByProof(surroundings, request, work);
}

/**
 * One restore at a time works on a queue directory.
 *
 * @throws BusyError
 */
async function withLock<Result>({ fs, configuration }: Surroundings, work: () => Promise<Result>): Promise<Result> {
  const { queueDirectory } = configuration;
  const lock = lockState(fs, queueDirectory);
  try {
    return await work();
  } catch (error) {
    const nextStep = 'Mend that, and run the same command again.';
    throw systemError(error, { action: "can't restore into", path: queueDirectory, nextStep });
  } finally {
    lock.release();
  }
}

function surroundingsOf(
  { configuration, running, services }: RestoreSetup,
  { fs, control, submissions }: OwnerSurroundings<RestoreRow>,
): Surroundings {
  const warnings = new Warnings(control);
  configuration.warnings.forEach((warning) => {
    warnings.tell(warning);
  });
  const accounts = new SystemAccounts();
  return { fs, configuration, accounts, control, submissions, running, services, warnings, ...clockAndNames(control) };
}

/** @throws ArchiveError */
async function openRequest(
  { options, archiveName, now }: RestoreSetup,
  { fs, files }: OwnerSurroundings<RestoreRow>,
  { warnings: told, randomName }: Surroundings,
): Promise<RestoreRequest & Pick<RestoredArchive, 'archive'>> {
  const selection = await compileSelection(options.selection ?? {}, now);
  const { warnings, ...opened } = await openRestoredArchive(fs, {
    files,
    archiveName,
    salvage: options.salvage === true,
    randomName,
  });
  warnings.forEach((warning) => {
    told.tell(warning);
  });
  return { ...opened, options, selection };
}

function openPool(
  { options, configuration }: RestoreSetup,
  { control, threads }: OwnerSurroundings<RestoreRow>,
  { archive }: Pick<RestoredArchive, 'archive'>,
): Promise<StagePool> {
  const { line_length_limit, queue_file_attribute_count_limit } = configuration.parameters;
  return openStagePool(archive, {
    // Who reads the catalogue alone needs no threads.
    workers: options.quick === true ? 0 : options.workers,
    signal: control.signal,
    threads,
    limits: {
      lineLengthLimit: Number(line_length_limit),
      attributeCountLimit: Number(queue_file_attribute_count_limit),
    },
  });
}
