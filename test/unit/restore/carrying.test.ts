/** What finishing an earlier restore and carrying out this one have in common. */

import { expect, it } from 'vitest';
import { carrying, groundOf } from '../../../src/restore/carrying.ts';
import { makeTarget, requestFor, sampleArchive } from '../../support/restore/world.ts';

it('places messages where the configuration says', () => {
  const { surroundings, queueDirectory } = makeTarget();
  const { layout, enableLongQueueIds } = surroundings.configuration;
  expect(groundOf(surroundings)).toEqual({ fs: surroundings.fs, queueDirectory, layout, enableLongQueueIds });
});

it('leaves submissions to mail_owner where nobody can give them away, and says so once', async () => {
  const { surroundings } = makeTarget();
  const request = await requestFor(await sampleArchive());
  const common = carrying(surroundings, request);
  expect(common.submitters).toBeUndefined();
  const [entry] = [{} as never];
  common.onUnproven?.(entry);
  common.onUnproven?.(entry);
  expect(surroundings.warnings.list()).toEqual([expect.stringContaining('were left to mail_owner')]);
});

it('takes the clock and the signal of the restore', async () => {
  const { signal } = new AbortController();
  const now = () => new Date(0);
  const { surroundings } = makeTarget({ control: { signal }, now });
  const common = carrying(surroundings, await requestFor(await sampleArchive()));
  expect([common.signal, common.now]).toEqual([signal, now]);
});
