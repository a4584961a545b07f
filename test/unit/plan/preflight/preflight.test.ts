/** What is found of the messages of a plan: none where all is well, sums, and a few examples. */

import { expect, it } from 'vitest';
import { messageLine } from '../../../support/archive/catalogue-message.ts';
import { find, OLD, planOf } from '../../../support/plan/find.ts';

it('findings are none where Postfix will do nothing unexpected', () => {
  expect(find([{}, {}], { parameters: { always_bcc: 'archive@example.com' } })).toEqual([]);
});

it('findings are known of each message', () => {
  const lines = [messageLine(OLD), messageLine({ fingerprint: 'e'.repeat(64) })];
  const plan = planOf(lines);
  expect(lines.map((line) => plan.findingsOf(line.fingerprint))).toEqual([['past-lifetime'], []]);
});

it('findings have a few examples, however many messages they are true of', () => {
  const many = Array.from({ length: 9 }, () => OLD);
  const [finding] = find(many);
  expect(finding?.messages).toBe(9);
  expect(finding?.examples).toHaveLength(5);
});
