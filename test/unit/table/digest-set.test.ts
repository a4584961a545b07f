import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { createFingerprintSet } from '../../../src/table/digest-set.ts';

const digest = (number: number): string => createHash('sha256').update(String(number)).digest('hex');

it('holds what was added and nothing else, however much it grows', () => {
  const set = createFingerprintSet();
  for (let number = 0; number < 5000; number += 1) {
    expect(set.add(digest(number))).toBe(true);
  }
  for (let number = 0; number < 5000; number += 1) {
    expect(set.has(digest(number))).toBe(true);
    expect(set.has(digest(number + 5000))).toBe(false);
  }
  expect(set.add(digest(4999))).toBe(false);
});

it('refuses what is no fingerprint', () => {
  expect(() => createFingerprintSet().add('short')).toThrow(TypeError);
});
