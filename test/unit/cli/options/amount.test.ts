import { describe, expect, test } from 'vitest';
import { parseAgeOrMoment, parseBytes, parseSeconds } from '../../../../src/cli/options/amount.ts';

describe('an age', () => {
  test.each([
    ['90s', 90],
    ['30m', 1800],
    ['2h', 7200],
    ['3d', 259_200],
    ['1w', 604_800],
    ['0s', 0],
  ])('%s is %d seconds', (text, seconds) => {
    expect(parseSeconds(text)).toBe(seconds);
  });

  test.each(['90', '2H', '-1s', '1.5h', '2 h', 'h', '', '1h30m', '9999999999999s'])('%s is none', (text) => {
    expect(() => parseSeconds(text)).toThrow('90s, 30m, 2h, 3d or 1w');
  });
});

describe('an age, or a time', () => {
  test.each([
    ['3d', { age: 259_200 }],
    ['2025-11-26T03:15:00Z', { moment: 1_764_126_900 }],
    ['2025-11-26T03:15Z', { moment: 1_764_126_900 }],
    ['2025-11-26T04:15:00+01:00', { moment: 1_764_126_900 }],
  ])('%s', (text, expected) => {
    expect(parseAgeOrMoment(text)).toEqual(expected);
  });

  test.each(['2025-11-26', '2025-11-26T03:15:00', '2025-13-26T03:15:00Z', '1764126900', 'yesterday', ''])(
    '%s is none',
    (text) => {
      expect(() => parseAgeOrMoment(text)).toThrow('or a time with its zone, 2025-11-26T03:15:00Z');
    },
  );
});

describe('a size', () => {
  test.each([
    ['500', 500],
    ['10k', 10_240],
    ['10K', 10_240],
    ['5M', 5_242_880],
    ['1g', 1_073_741_824],
  ])('%s is %d bytes', (text, bytes) => {
    expect(parseBytes(text)).toBe(bytes);
  });

  test.each(['', 'k', '10kB', '-1', '0x10', '1.5M', '999999999999g'])('%s is none', (text) => {
    expect(() => parseBytes(text)).toThrow('10k, 5M, 1G');
  });
});
