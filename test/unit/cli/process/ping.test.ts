import { describe, expect, it } from 'vitest';
import { lastLines } from '../../../../src/cli/process/ping.ts';

describe('the last lines', () => {
  it.each([
    ['a\nb\n', 4, 'a\nb\n'],
    ['first\nsecond\nthird\n', 12, 'third\n'],
    ['first\nsecond\nthird\n', 14, 'second\nthird\n'],
    ['a line that is too long\n', 9, 'too long\n'],
    ['éé\n', 4, 'é\n'],
    ['', 4, ''],
  ])('of %j in %i bytes are %j', (text, most, expected) => {
    expect(lastLines(text, most)).toBe(expected);
  });
});
