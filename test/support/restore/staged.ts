/** A restore up to its sealed journal, in a real target. */

import type { MessageMapping } from '../../../src/restore/options.ts';
import { beginPlan } from '../../../src/restore/planning.ts';
import type { RestoreRequest } from '../../../src/restore/request.ts';
import { type Staged, stage } from '../../../src/restore/stage.ts';
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

export async function stageInto(
  target: Target,
  options: Parameters<typeof requestFor>[1] = {},
): Promise<StagedRestore> {
  const { surroundings } = target;
  const request = await requestFor(await sampleArchive(), options);
  const surveyed = await survey(surroundings, request);
  const plan = beginPlan(surroundings, request, { surveyed, since: undefined }).finish();
  const mappings: MessageMapping[] = [];
  const tally = new Tally((mapping) => void mappings.push(mapping), plan.findingsOf);
  const threads = { program: undefined, rights: undefined };
  const pool = await openStagePool(request.archive, { workers: 0, limits: {}, threads });
  const staged = await stage(surroundings, request, { pool, surveyed, tally, plan });
  return { staged, tally, mappings, request };
}
