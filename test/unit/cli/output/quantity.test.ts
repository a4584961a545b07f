import { expect, test } from 'vitest';
import { countOf, formatBytes, formatCount, formatDuration } from '../../../../src/cli/output/quantity.ts';

test.each([
  [0, '0 bytes'],
  [999, '999 bytes'],
  [1000, '1.0 kB'],
  [999_949, '999.9 kB'],
  [999_950, '1.0 MB'],
  [1_234_567, '1.2 MB'],
  [5_000_000_000_000, '5.0 TB'],
  [Number.MAX_SAFE_INTEGER, '9.0 PB'],
])('%i bytes are shown as %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test.each([
  [-5, '0.0 s'],
  [412, '0.4 s'],
  [9949, '9.9 s'],
  [9951, '10 s'],
  [59_400, '59 s'],
  [59_600, '1 min 0 s'],
  [3_599_400, '59 min 59 s'],
  [3_600_000, '1 h 0 min'],
  [7_500_000, '2 h 5 min'],
])('%i milliseconds are shown as %s', (milliseconds, text) => {
  expect(formatDuration(milliseconds)).toBe(text);
});

test('counts have commas, and the right form of the noun', () => {
  expect(formatCount(1_234_567)).toBe('1,234,567');
  expect(countOf(1, 'message')).toBe('1 message');
  expect(countOf(0, 'message')).toBe('0 messages');
  expect(countOf(3120, 'entry', 'entries')).toBe('3,120 entries');
});
