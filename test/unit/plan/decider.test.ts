/** Deciding about messages one after the other. */

import { expect, it } from 'vitest';
import { Decider } from '../../../src/plan/decider.ts';
import { messageLine } from '../../support/archive/catalogue-message.ts';

const OPTIONS = { into: 'queues', includeLeft: false, releaseHeld: false, again: false, retryNow: false } as const;
const KNOWN = {
  find: () => undefined,
  restoredBefore: () => undefined,
  finishedNow: () => undefined,
  wentOn: () => false,
};

it('restores a message once that the archive holds twice, and names the other', () => {
  const decider = new Decider(OPTIONS, KNOWN);
  expect(decider.decide(messageLine())).toMatchObject({ kind: 'restore' });
  expect(decider.decide(messageLine({ queue_name: 'hold' }))).toMatchObject({
    action: 'already_present',
    reason: { code: 'twice-in-archive' },
  });
});

it('restores the one of two that is not left out', () => {
  const decider = new Decider(OPTIONS, KNOWN);
  expect(decider.decide(messageLine({ queue_name: 'corrupt' }))).toMatchObject({ kind: 'omit' });
  expect(decider.decide(messageLine())).toMatchObject({ kind: 'restore' });
  expect(new Decider(OPTIONS, KNOWN).decide(messageLine())).toMatchObject({ kind: 'restore' });
});
