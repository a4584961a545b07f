/** From a plan to staged files and a sealed journal, or to nothing at all. */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { nodeFileSystem } from '../../../src/fs/node-file-system.ts';
import { journalsToFinish } from '../../../src/journal/unfinished.ts';
import { rehearse, stageInto } from '../../support/restore/staged.ts';
import { makeTarget, type Target } from '../../support/restore/world.ts';

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
  const told: unknown[] = [];
  const surroundings = { ...target.surroundings, control: { onEvent: (event: unknown) => void told.push(event) } };
  const { plan, mappings } = await rehearse({ ...target, surroundings }, { dryRun: true });
  expect([plan.outlook.messages, plan.archived, stateOf(target)]).toEqual([2, 2, []]);
  expect(told).toContainEqual({ kind: 'progress', phase: 'proving', done: 2, total: 2, unit: 'messages' });
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
