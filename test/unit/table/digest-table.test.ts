import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { DigestTable } from '../../../src/table/digest-table.ts';

const digest = (number: number): string => createHash('sha256').update(String(number)).digest('hex');

it('gives the number that was noted last, however much it grows', () => {
  const table = new DigestTable();
  for (let number = 0; number < 5000; number += 1) {
    table.set(digest(number), number);
  }
  table.set(digest(7), 4_294_967_295);
  const numbers = Array.from({ length: 4992 }, (_, number) => number + 8);
  expect(numbers.map((number) => table.get(digest(number)))).toEqual(numbers);
  expect(numbers.some((number) => table.get(digest(number + 5000)) !== undefined)).toBe(false);
  expect(table.get(digest(7))).toBe(4_294_967_295);
});

it('refuses what is no digest', () => {
  expect(() => new DigestTable().get('short')).toThrow(TypeError);
});
