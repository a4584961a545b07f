import { expect, test } from 'vitest';
import { isBefore, releaseOf } from '../../../../src/plan/preflight/release-number.ts';

test('releases are compared by their numbers', () => {
  expect(releaseOf('3.12-20260821')).toEqual([3, 12]);
  expect(releaseOf('')).toBeUndefined();
  expect(isBefore([3, 7], [3, 11])).toBe(true);
  expect(isBefore([3, 11], [3, 11])).toBe(false);
  expect(isBefore([2, 11], [3, 0])).toBe(true);
});
