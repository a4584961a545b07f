import { expect, it } from 'vitest';
import { Turns } from '../../../src/journal/turns.ts';

const MESSAGES = [
  { arrival: 30, domain: 'b.example' },
  { arrival: 10, domain: 'A.example' },
  { arrival: 20, domain: 'a.example' },
  { arrival: 25, domain: 'a.EXAMPLE' },
  { arrival: 5, domain: 'c.example' },
  { arrival: 40, domain: 'b.example' },
];

function turns(by: 'arrival' | 'destination'): number[] {
  const all = new Turns(by);
  MESSAGES.forEach((message, index) => {
    all.add(index, message);
  });
  return all.inOrder();
}

it('lets the oldest go first', () => {
  expect(turns('arrival')).toEqual([4, 1, 2, 3, 0, 5]);
});

it('gives each destination its turn, of each the oldest first', () => {
  expect(turns('destination')).toEqual([4, 1, 0, 2, 5, 3]);
});

it('keeps the order of those that have no arrival, or the same', () => {
  const all = new Turns('arrival');
  for (const index of [7, 3, 9]) {
    all.add(index, {});
  }
  all.add(1, { arrival: 4 });
  all.add(0, { arrival: 4 });
  expect(all.inOrder()).toEqual([7, 3, 9, 1, 0]);
});
