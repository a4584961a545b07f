import { expect, test } from 'vitest';
import { type Copy, CopyTable } from '../../../src/backup/copy-table.ts';

const COPY: Copy = {
  id: 0,
  round: 1,
  queueName: 'deferred',
  inode: 2n ** 63n + 5n,
  size: 7_000_000_000,
  birthtimeNs: 1_700_000_000_123_456_789n,
  arrival: 1_700_000_000_123_456,
  kin: 0xffff_fffe,
  isFinished: true,
};

test('gives back what was put in, beyond its first capacity', () => {
  const table = new CopyTable();
  for (let number = 0; number < 5000; number += 1) {
    expect(
      table.add({ ...COPY, id: number * 3, size: number, round: 1 + (number % 5), isFinished: number % 2 === 0 }),
    ).toBe(number);
  }
  expect(table.size).toBe(5000);
  expect(table.get(4321)).toEqual({ ...COPY, id: 4321 * 3, size: 4321, round: 1 + (4321 % 5), isFinished: false });
  expect(table.ofId(4321 * 3)).toEqual([4321]);
  expect(table.ofId(4321 * 3 + 1)).toEqual([]);
});

test('keeps a missing arrival apart from 1970', () => {
  const table = new CopyTable();
  table.add({ ...COPY, arrival: undefined });
  table.add({ ...COPY, arrival: 0 });
  expect(table.get(0).arrival).toBeUndefined();
  expect(table.get(1).arrival).toBe(0);
});

test('knows all copies of an ID, the latest first, and which have left', () => {
  const table = new CopyTable();
  table.add({ ...COPY, queueName: 'hold' });
  table.add({ ...COPY, id: 1 });
  table.add({ ...COPY, queueName: 'incoming' });
  expect(table.ofId(0)).toEqual([2, 0]);
  table.setLeft(0, true);
  expect([0, 1, 2].map((number) => table.hasLeft(number))).toEqual([true, false, false]);
  expect(table.get(0).queueName).toBe('hold');
  table.setLeft(0, false);
  expect(table.hasLeft(0)).toBe(false);
});
