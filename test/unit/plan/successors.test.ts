import { expect, it } from 'vitest';
import type { CatalogueLine } from '../../../src/format/catalogue-line.ts';
import { successorsIn } from '../../../src/plan/successors.ts';
import { messageLine } from '../../support/archive/catalogue-message.ts';

const LINEAGE = 'd'.repeat(64);
const SENDER = 'a@example.org';
const left = messageLine({ queue_name: 'maildrop', state: 'left', submission: LINEAGE, origin: null, sender: SENDER });
const queued = messageLine({ queue_name: 'incoming', submission: LINEAGE, sender: SENDER });

function wentOn(catalogue: readonly CatalogueLine[], message = left, anySender = false): boolean {
  return successorsIn(catalogue, { anySender })(message);
}

it('finds what pickup and cleanup made of a message that left maildrop', () => {
  expect(wentOn([left, queued])).toBe(true);
});

it('finds it also where that one left, too: it was in the queue later', () => {
  expect(wentOn([left, { ...queued, state: 'left' }])).toBe(true);
});

it('finds nothing of another lineage or another sender', () => {
  expect(wentOn([left, { ...queued, submission: 'e'.repeat(64) }])).toBe(false);
  expect(wentOn([left, { ...queued, sender: 'b@example.org' }])).toBe(false);
});

it('finds it under another sender where cleanup may have made another one', () => {
  expect(wentOn([left, { ...queued, sender: 'b@example.org' }], left, true)).toBe(true);
});

it('asks nothing of a message that did not leave', () => {
  expect(wentOn([queued], { ...left, state: 'queued' })).toBe(false);
});
