import { describe, expect, it } from 'vitest';
import { workerCount } from '../../../../src/cli/options/worker-count.ts';

describe('workerCount', () => {
  it.each([
    ['0', 0],
    ['2', 2],
    ['64', 64],
  ])('takes %s', (text, count) => {
    expect(workerCount(text)).toBe(count);
  });

  it.each(['', '-1', '65', '1.5', '1e1', 'two'])('refuses %j', (text) => {
    expect(() => workerCount(text)).toThrow('whole number from 0 to 64');
  });
});
