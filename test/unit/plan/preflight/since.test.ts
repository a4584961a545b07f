/** What the mail log tells of messages that are restored all the same. */

import { expect, it } from 'vitest';
import type { Decision, PlannedMessage } from '../../../../src/plan/decision.ts';
import { sinceRules } from '../../../../src/plan/preflight/since.ts';
import { messageLine } from '../../../support/archive/catalogue-message.ts';
import { plannedMessage } from '../../../support/plan/planned.ts';

function codesOf(decision: Decision): string[] {
  return sinceRules()
    .filter(({ concerns }) => concerns(decision))
    .map(({ facts }) => facts.code);
}

it.each<[Partial<PlannedMessage>, string[]]>([
  [{ recipientsDone: 0, isInDoubt: false }, []],
  [{ recipientsDone: 1 }, ['delivered-in-part']],
  [{ isInDoubt: true }, ['log-in-doubt']],
  [{ recipientsDone: 2, isInDoubt: true }, ['delivered-in-part', 'log-in-doubt']],
])('of a message that is restored with %j: %j', (changes, codes) => {
  expect(codesOf(plannedMessage(changes))).toEqual(codes);
});

it('of what is left out, nothing', () => {
  const message = messageLine({});
  expect(codesOf({ kind: 'omit', message, action: 'delivered_since', reason: { code: 'over-since' } })).toEqual([]);
});

it('part of its recipients is worth knowing, doubt is a warning', () => {
  expect(sinceRules().map(({ severity }) => severity)).toEqual(['info', 'warning']);
});
