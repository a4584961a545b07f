/** What a snapshot is to be of. */

import { expect, it } from 'vitest';
import { selectionOf } from '../../../src/backup/chosen.ts';
import { messageLine } from '../../support/archive/catalogue-message.ts';

it('is all where nothing was asked for', async () => {
  expect(await selectionOf({ selection: undefined, nowNs: 0n })).toBeUndefined();
});

it('counts ages from the time of the snapshot', async () => {
  const chosen = (nowNs: bigint) => selectionOf({ selection: { only: { older: 60 } }, nowNs });
  const message = messageLine({ arrival_time: 1_700_000_000 });
  expect((await chosen(1_700_000_060_000_000_000n))?.has(message)).toBe(false);
  expect((await chosen(1_700_000_061_000_000_000n))?.has(message)).toBe(true);
});
