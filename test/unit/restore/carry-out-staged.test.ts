/** From a sealed journal to ready messages, each told with where it went. */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { nodeFileSystem } from '../../../src/fs/node-file-system.ts';
import { journalsToFinish } from '../../../src/journal/unfinished.ts';
import { carryOutStaged } from '../../../src/restore/carry-out-staged.ts';
import { stageInto } from '../../support/restore/staged.ts';
import { makeTarget } from '../../support/restore/world.ts';

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
