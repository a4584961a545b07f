import { expect, it } from 'vitest';
import { isNoSpan, parseSpan, timeBefore } from '../../../src/store/span.ts';

const before = (time: string, span: string) => {
  const parsed = parseSpan(span);
  return parsed === undefined ? undefined : new Date(timeBefore(Date.parse(time), parsed)).toISOString();
};

it.each([
  ['2025-11-26T03:15:00Z', '14d', '2025-11-12T03:15:00.000Z'],
  ['2025-11-26T03:15:00Z', '1y6m', '2024-05-26T03:15:00.000Z'],
  ['2025-11-26T03:15:00Z', '2d30h', '2025-11-22T21:15:00.000Z'],
  // As Go's AddDate, which restic counts with.
  ['2025-03-31T00:00:00Z', '1m', '2025-03-03T00:00:00.000Z'],
  ['2024-02-29T00:00:00Z', '1y', '2023-03-01T00:00:00.000Z'],
])('%s without %s is %s', (time, span, result) => {
  expect(before(time, span)).toBe(result);
});

it.each(['', 'd', '14', '14 d', '-3d', '3d2y', '1.5d', '2w', '1d1d'])('%j is no span', (text) => {
  expect(parseSpan(text)).toBeUndefined();
});

it('may be of nothing', () => {
  const [none, some] = [parseSpan('0y0m0d0h'), parseSpan('1h')];
  expect(none !== undefined && isNoSpan(none)).toBe(true);
  expect(some !== undefined && isNoSpan(some)).toBe(false);
});
