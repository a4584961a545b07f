/** How far each message of a journal is, and what is marked and told on the way. */

import { beforeEach, expect, it } from 'vitest';
import { readJournalStatus } from '../../../src/journal/journal-file.ts';
import { GIVEN_UP, HANDED_OVER, READY, UNCERTAIN, WAITING } from '../../../src/journal/marks.ts';
import type { Staging } from '../../../src/journal/staging.ts';
import type { Work } from '../../../src/journal/work.ts';
import { entryOf, fingerprintOf, JournalWorld } from '../../support/journal/world.ts';

let world: JournalWorld;
let staging: Staging;
let work: Work;

beforeEach(() => {
  world = new JournalWorld();
  staging = world.begin();
  for (const index of [0, 1, 2]) {
    world.stage(staging, index);
  }
  staging.seal();
  work = world.work(staging);
});

/** What the next run reads. */
function statesOnDisk(): number[] {
  const status = readJournalStatus(world.disk, staging.journal);
  return [0, 1, 2].map((index) => (status.state === 'damaged' ? -1 : status.states.of(index)));
}

it('begins with all messages staged, and counts them by their steps', () => {
  expect(work.count('staged')).toBe(3);
  work.setStep(1, 'linked');
  work.setStep(2, 'astray');
  work.setStep(2, 'stuck');
  expect([work.count('staged'), work.count('linked'), work.count('astray'), work.count('stuck')]).toEqual([1, 1, 0, 1]);
  expect([...work.entries('linked', 'stuck')].map(({ index }) => index)).toEqual([1, 2]);
  expect([0, 1, 2].map((index) => work.step(index))).toEqual(['staged', 'linked', 'stuck']);
});

it('marks a message once that is handed over, and tells it', () => {
  work.handedOver(entryOf(work, 1));
  const size = world.disk.lstat(staging.journal)?.size;
  work.handedOver(entryOf(work, 1));
  expect(world.disk.lstat(staging.journal)?.size).toBe(size);
  expect(statesOnDisk()).toEqual([WAITING, READY, WAITING]);
  expect([work.step(1), world.told.done]).toEqual(['over', [fingerprintOf(1), fingerprintOf(1)]]);
});

it('lets a message wait again whose ready bit a power loss undid, and no other', () => {
  work.handedOver(entryOf(work, 0));
  work.reopen(0);
  work.reopen(1);
  expect(statesOnDisk()).toEqual([WAITING, WAITING, WAITING]);
  expect(world.contentAt(staging.journal)?.match(/^!\d/gmu)).toEqual(['!0']);
});

it('tells apart what was lost from what Postfix may have had, also to the next run', () => {
  work.giveUp(entryOf(work, 0), 'lost');
  work.giveUp(entryOf(work, 1), 'uncertain');
  expect(statesOnDisk()).toEqual([GIVEN_UP, UNCERTAIN, WAITING]);
  expect([work.isEnded(0), work.isEnded(1), work.isEnded(2)]).toEqual([true, true, false]);
  const told = [
    [fingerprintOf(0), { kind: 'lost' }],
    [fingerprintOf(1), { kind: 'uncertain' }],
  ];
  expect(world.told.failed).toEqual(told);
  world.told.failed.length = 0;
  work.tellEnded(entryOf(work, 0));
  work.tellEnded(entryOf(work, 1));
  expect(world.told.failed).toEqual(told);
});

it('leaves what is stuck for another run: no mark is made of it', () => {
  work.getStuck(entryOf(work, 2), 'a mount');
  expect(statesOnDisk()).toEqual([WAITING, WAITING, WAITING]);
  expect(world.told.failed).toEqual([[fingerprintOf(2), { kind: 'stuck', reason: 'a mount' }]]);
  expect([work.step(2), work.isEnded(2)]).toEqual(['stuck', false]);
});

it('tells what a run before has handed over durably as done, and does not mark it again', () => {
  work.handedOver(entryOf(work, 0));
  work.journal.mark({ kind: '*' });
  expect(work.journal.states.of(0)).toBe(HANDED_OVER);
  world.told.done.length = 0;
  work.tellEnded(entryOf(work, 0));
  expect([world.told.done, world.told.failed]).toEqual([[fingerprintOf(0)], []]);
  expect(world.contentAt(staging.journal)?.match(/^\+/gmu)).toHaveLength(1);
});
