import { expect, it } from 'vitest';
import { Column } from '../../../src/table/column.ts';

it('keeps what was written when it grows, and has new rows filled', () => {
  const column = new Column((length) => new Int32Array(length).fill(-1));
  for (let row = 0; row < 5000; row += 2) {
    column.reserve(row + 1);
    column.values[row] = row;
  }
  expect(Array.from(column.values.subarray(0, 5), Number)).toEqual([0, -1, 2, -1, 4]);
  expect([column.values[4998], column.values[4999]]).toEqual([4998, -1]);
  column.reserve(100_000);
  expect([column.values.length, column.values[4998], column.values[99_999]]).toEqual([100_000, 4998, -1]);
});
