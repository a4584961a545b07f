/** Entries of a journal, read in any order. */

import { expect, it } from 'vitest';
import { EntryTable } from '../../../src/journal/entry-table.ts';
import { fingerprintOf, JournalWorld } from '../../support/journal/world.ts';

it('reads the entries that are asked for, in the order that is asked for', () => {
  const world = new JournalWorld();
  const staging = world.begin({ archive: '/archive of ümlauts.tar.zst' });
  for (const index of [0, 1, 2]) {
    world.stage(staging, index, { sender: `sénder ${index}` });
  }
  staging.seal();
  const told: string[] = [];
  const table = new EntryTable(world.disk, staging.journal, (index, { fingerprint }) =>
    told.push(`${index} ${fingerprint}`),
  );
  expect(told).toEqual([0, 1, 2].map((index) => `${index} ${fingerprintOf(index)}`));
  const read = [...table.entries([2, 0])].map(({ index, entry }) => [index, entry.fingerprint, entry.sender]);
  expect(read).toEqual([
    [2, fingerprintOf(2), 'sénder 2'],
    [0, fingerprintOf(0), 'sénder 0'],
  ]);
  expect(world.disk.openDescriptors).toBe(0);
});
