/** What a caller can ask of restores that were cut off. */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, it, vi } from 'vitest';
import { abandonRestores, finishRestores, status } from '../../../src/restore/unfinished.ts';
import { stageInto } from '../../support/restore/staged.ts';
import { makeTarget, type Target } from '../../support/restore/world.ts';

vi.setConfig({ testTimeout: 30_000 });

let target: Target;

beforeEach(async () => {
  target = makeTarget();
  await stageInto(target);
});

const optionsOf = ({ queueDirectory }: Target) => ({
  queueDirectory,
  overrides: { mail_owner: String(process.getuid?.() ?? 0) },
});
const held = (): number => readdirSync(join(target.queueDirectory, 'hold')).length;

it('tells which wait, and finishes them', async () => {
  const waiting = await status(optionsOf(target));
  expect(waiting).toMatchObject({ queue_directory: target.queueDirectory, at_work: null, pending: [{ waiting: 2 }] });
  const told: string[] = [];
  const finished = await finishRestores({
    ...optionsOf(target),
    onMapping: ({ queue_name, new_queue_name }) => told.push(`${queue_name} to ${new_queue_name}`),
  });
  expect([finished.restored, told.sort(), held()]).toEqual([2, ['deferred to deferred', 'hold to hold'], 1]);
  expect(await status(optionsOf(target))).toMatchObject({ pending: [], restored_before: 1 });
});

it('gives them up', async () => {
  const { abandoned, restored } = await abandonRestores(optionsOf(target));
  expect([abandoned, restored, held()]).toEqual([2, 0, 0]);
  expect(await status(optionsOf(target))).toMatchObject({ pending: [], restored_before: 0 });
});

it('tells nothing of what is no queue directory', async () => {
  const queueDirectory = join(target.queueDirectory, 'nowhere');
  await expect(status({ ...optionsOf(target), queueDirectory })).rejects.toMatchObject({ code: 'not-found' });
});
