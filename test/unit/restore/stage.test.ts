/** From a plan to staged files and a sealed journal, or to nothing at all. */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { nodeFileSystem } from '../../../src/fs/node-file-system.ts';
import { journalsToFinish } from '../../../src/journal/unfinished.ts';
import { carryOutStaged } from '../../../src/restore/carry-out-staged.ts';
import type { MessageMapping } from '../../../src/restore/options.ts';
import { makePlan } from '../../../src/restore/planning.ts';
import { stage } from '../../../src/restore/stage.ts';
import { openStagePool } from '../../../src/restore/stage-pool.ts';
import { survey } from '../../../src/restore/survey.ts';
import { Tally } from '../../../src/restore/tally.ts';
import { makeTarget, requestFor, sampleArchive, type Target } from '../../support/restore/world.ts';

async function stageInto(target: Target, options: Parameters<typeof requestFor>[1] = {}) {
  const { surroundings } = target;
  const request = await requestFor(await sampleArchive(), options);
  const surveyed = await survey(surroundings, request);
  const plan = makePlan(surroundings, request, { surveyed, since: undefined });
  const mappings: MessageMapping[] = [];
  const tally = new Tally((mapping) => void mappings.push(mapping), plan.findingsOf);
  const threads = { program: undefined, rights: undefined };
  const pool = await openStagePool(request.archive, { workers: 0, limits: {}, threads });
  const staged = await stage(surroundings, request, { pool, surveyed, tally, plan });
  return { staged, tally, mappings, request };
}

const stateOf = ({ queueDirectory }: Target): string[] => readdirSync(join(queueDirectory, 'postsnap'));

it('stages every message with its logs, and seals the journal; nothing is in a queue yet', async () => {
  const target = makeTarget();
  const { staged } = await stageInto(target);
  expect(staged?.messages).toBe(2);
  const [waiting] = journalsToFinish(nodeFileSystem, target.queueDirectory);
  expect([waiting?.states.size, waiting?.path]).toEqual([2, staged?.staging.journal]);
  expect(readdirSync(join(staged?.staging.directory ?? '', '0')).sort()).toEqual([
    '0.bounce',
    '0.message',
    '1.message',
  ]);
  expect(readdirSync(join(target.queueDirectory, 'hold'))).toEqual([]);
});

it('writes nothing for trial, and tells what would be restored', async () => {
  const target = makeTarget();
  const { staged, mappings } = await stageInto(target, { dryRun: true });
  expect([staged, stateOf(target)]).toEqual([undefined, []]);
  expect(mappings.map(({ action, new_queue_id }) => [action, new_queue_id])).toEqual([
    ['restored', null],
    ['restored', null],
  ]);
});

it('makes no journal where nothing is to be restored, and tells why not', async () => {
  const target = makeTarget();
  const { staged, mappings } = await stageInto(target, { queues: ['incoming'] });
  expect([staged, stateOf(target)]).toEqual([undefined, []]);
  expect(mappings.map(({ action }) => action)).toEqual(['not_selected', 'not_selected']);
});

it('is carried out to ready messages, each told with its new name', async () => {
  const target = makeTarget();
  const { staged, tally, mappings, request } = await stageInto(target);
  if (staged === undefined) {
    throw new Error('nothing was staged');
  }
  await carryOutStaged(target.surroundings, request, { staged, tally });
  expect(readdirSync(join(target.queueDirectory, 'hold'))).toEqual([mappings[1]?.new_queue_id]);
  expect(tally.counts()).toMatchObject({ restored: 2, failed: 0 });
  expect(journalsToFinish(nodeFileSystem, target.queueDirectory)).toEqual([]);
});
