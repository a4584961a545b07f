import { expect, it } from 'vitest';
import { inBatches } from '../../src/batches.ts';

it.each([
  [0, []],
  [1, [[0]]],
  [2, [[0, 1]]],
  [5, [[0, 1], [2, 3], [4]]],
])('%i things, two in a batch, are %j', (count, batches) => {
  expect([...inBatches(Array(count).keys(), 2)]).toEqual(batches);
});

it('asks for no more than a batch at once', () => {
  const asked: number[] = [];
  function* items(): Generator<number> {
    for (let item = 0; ; item += 1) {
      asked.push(item);
      yield item;
    }
  }
  const batches = inBatches(items(), 2);
  expect([batches.next().value, asked]).toEqual([
    [0, 1],
    [0, 1],
  ]);
  expect([batches.next().value, asked]).toEqual([
    [2, 3],
    [0, 1, 2, 3],
  ]);
});
