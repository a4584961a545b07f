/** Which messages were restored before, by the journals that stay. */

import { beforeEach, expect, it } from 'vitest';
import type { JournalEntry } from '../../../src/journal/journal.ts';
import { type Receipts, readReceipts } from '../../../src/journal/receipts.ts';
import type { StagingOptions } from '../../../src/journal/staging.ts';
import type { Work } from '../../../src/journal/work.ts';
import type { SoughtMessage } from '../../../src/spool/target-messages.ts';
import { entryOf, fingerprintOf, JournalWorld } from '../../support/journal/world.ts';

let world: JournalWorld;

beforeEach(() => {
  world = new JournalWorld();
});

function restore(
  index: number,
  changes: Partial<JournalEntry> = {},
  { as, mark }: { as?: Partial<StagingOptions>; mark?: (work: Work) => void } = {},
): void {
  const staging = world.begin(as);
  world.stage(staging, 0, { fingerprint: fingerprintOf(index), ...changes });
  staging.seal();
  const work = world.work(staging);
  mark?.(work);
  work.journal.close();
}

const receipts = (anySender = false): Receipts => readReceipts(world.disk, '/queue', { anySender });
const sought = (index: number, changes: Partial<SoughtMessage> = {}): SoughtMessage => ({
  queueName: 'hold',
  fingerprint: fingerprintOf(index),
  sender: 'a@example.com',
  ...changes,
});

it('knows a message by its fingerprint, and the restore that put it there: of several the last', () => {
  restore(1, {}, { as: { archive: '/old.tar.zst', now: () => new Date(0) } });
  restore(1, {}, { as: { archive: '/new.tar.zst' } });
  expect(receipts().find(sought(1))).toEqual({ archive: '/new.tar.zst', started: '2023-11-14T22:13:20.000Z' });
  expect(receipts().find(sought(2))).toBeUndefined();
});

it('knows no message that was given up', () => {
  restore(1, {}, { mark: (work) => work.giveUp(entryOf(work, 0), 'lost') });
  expect(receipts().find(sought(1))).toBeUndefined();
});

it('names what nobody can tell of by its new ID, and counts it as restored', () => {
  restore(1, {}, { mark: (work) => work.giveUp(entryOf(work, 0), 'uncertain') });
  const { uncertain, find } = receipts();
  expect([...uncertain.keys()]).toEqual([fingerprintOf(1)]);
  expect(find(sought(1))).toBeDefined();
});

it('takes what a repair renamed for no message of an archive', () => {
  restore(1, {}, { as: { into: 'repair' } });
  expect(receipts().find(sought(1))).toBeUndefined();
});

it('knows a submission by its lineage, when pickup has made another file of it, and only of its sender', () => {
  const lineage = { submission: 'a'.repeat(64), origin: 'b'.repeat(64), sender: 'a' };
  restore(1, { queueName: 'maildrop', newQueueName: 'maildrop', ...lineage });
  const pickedUp = { submission: 'c'.repeat(64), origin: 'a'.repeat(64) };
  expect(receipts().find(sought(2, pickedUp))).toBeDefined();
  expect(receipts().find(sought(2, { ...pickedUp, sender: 'b@example.com' }))).toBeUndefined();
  expect(receipts(true).find(sought(2, { ...pickedUp, sender: 'b@example.com' }))).toBeDefined();
});
