import { expect, test } from 'vitest';
import { QueueIdTable } from '../../../src/table/queue-id-table.ts';

test('numbers IDs in the order in which they are added, and knows them again', () => {
  const table = new QueueIdTable();
  expect(table.add('4D9195D7C3')).toBe(0);
  expect(table.add('3Pt2mN2VXxznjll')).toBe(1);
  expect(table.add('4D9195D7C3')).toBe(0);
  expect(table.size).toBe(2);
  expect(table.find('3Pt2mN2VXxznjll')).toBe(1);
  expect(table.find('3Pt2mN2VXxznjlL')).toBe(-1);
  expect(table.find('4D9195D7C')).toBe(-1);
});

test('grows beyond every first capacity', () => {
  const table = new QueueIdTable();
  const ids = Array.from({ length: 20_000 }, (_, number) =>
    (number * 7919).toString(16).toUpperCase().padStart(12, '0'),
  );
  const numbers = ids.map((_, number) => number);
  // One comparison of all: sixty thousand expectations take seconds where much else runs.
  expect(ids.map((id) => table.add(id))).toEqual(numbers);
  expect(table.size).toBe(ids.length);
  expect(ids.map((id) => table.find(id))).toEqual(numbers);
  expect(numbers.map((number) => table.text(number))).toEqual(ids);
});

test('refuses what can be no queue ID', () => {
  expect(() => new QueueIdTable().add('A'.repeat(256))).toThrow(RangeError);
});
