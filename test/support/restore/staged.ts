/** A restore up to its sealed journal, in a real target. */

import type { Plan } from '../../../src/plan/plan.ts';
import type { MessageMapping } from '../../../src/restore/options.ts';
import { beginPlan } from '../../../src/restore/planning.ts';
import type { RestoreRequest } from '../../../src/restore/request.ts';
import { planByProof, type Staged, stage } from '../../../src/restore/stage.ts';
import { openStagePool } from '../../../src/restore/stage-pool.ts';
import { survey } from '../../../src/restore/survey.ts';
import { Tally } from '../../../src/restore/tally.ts';
import { requestFor, sampleArchive, type Target } from './world.ts';

export interface StagedRestore {
  readonly staged: Staged | undefined;
  readonly tally: Tally;
  readonly mappings: readonly MessageMapping[];
  readonly request: RestoreRequest;
}

type Options = Parameters<typeof requestFor>[1];

export async function stageInto(target: Target, options: Options = {}): Promise<StagedRestore> {
  const { surroundings } = target;
  const { walk, ...begun } = await begin(target, options);
  const staged = await stage(surroundings, begun.request, { ...begun, plan: walk.finish() });
  return { ...begun, staged };
}

export interface Rehearsed {
  readonly plan: Plan;
  readonly mappings: readonly MessageMapping[];
}

/** As a dry run does. */
export async function rehearse(target: Target, options: Options = {}): Promise<Rehearsed> {
  const { mappings, ...begun } = await begin(target, options);
  return { plan: await planByProof(target.surroundings, begun.request, begun), mappings };
}

async function begin({ surroundings }: Target, options: Options) {
  const request = await requestFor(await sampleArchive(), options);
  const surveyed = await survey(surroundings, request);
  const walk = beginPlan(surroundings, request, { surveyed, since: undefined });
  const mappings: MessageMapping[] = [];
  const tally = new Tally((mapping) => void mappings.push(mapping), walk.findingsOf);
  const threads = { program: undefined, rights: undefined };
  const pool = await openStagePool(request.archive, { workers: 0, limits: {}, threads });
  return { request, surveyed, walk, mappings, tally, pool };
}
