import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { DigestSet } from '../../../src/table/digest-set.ts';

const digest = (number: number): string => createHash('sha256').update(String(number)).digest('hex');

it('holds what was added and nothing else, however much it grows', () => {
  const set = new DigestSet();
  const digests = Array.from({ length: 5000 }, (_, number) => digest(number));
  const others = digests.map((_, number) => digest(number + 5000));
  expect(digests.every((one) => set.add(one))).toBe(true);
  expect(digests.every((one) => set.has(one))).toBe(true);
  expect(others.some((one) => set.has(one))).toBe(false);
  expect(set.add(digest(4999))).toBe(false);
});

it('refuses what is no fingerprint', () => {
  expect(() => new DigestSet().add('short')).toThrow(TypeError);
});
