import { expect, test } from 'vitest';
import { FileNameSet } from '../../../src/table/name-set.ts';

test('a name is new once, among many', () => {
  const names = new FileNameSet();
  const many = Array.from({ length: 20_000 }, (_, number) => `deferred/${number}`);
  expect(many.every((name) => names.add(name))).toBe(true);
  expect(many.some((name) => names.add(name))).toBe(false);
  expect(names.add('hold/1')).toBe(true);
});
