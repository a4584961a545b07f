import { expect, test } from 'vitest';
import { FileNameSet } from '../../../src/table/name-set.ts';

test('a name is new once, among many', () => {
  const names = new FileNameSet();
  const count = 20_000;
  for (let number = 0; number < count; number += 1) {
    expect(names.add(`deferred/${number}`)).toBe(true);
  }
  for (let number = 0; number < count; number += 1) {
    expect(names.add(`deferred/${number}`)).toBe(false);
  }
  expect(names.add('hold/1')).toBe(true);
});
