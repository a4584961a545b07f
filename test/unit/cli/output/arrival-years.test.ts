import { expect, test } from 'vitest';
import { ArrivalYears } from '../../../../src/cli/output/arrival-years.ts';

const NOW = 1_795_000_000;
const DAY = 86_400;

function remarksOn(...times: readonly number[]): string[] {
  const years = new ArrivalYears(NOW);
  for (const arrival_time of times) {
    years.add({ arrival_time });
  }
  return years.remarks();
}

test('says nothing where all is of the last twelve months', () => {
  expect(remarksOn(NOW, NOW - 364 * DAY, NOW + 3600)).toEqual([]);
});

test('tells how many are older, and of when', () => {
  expect(remarksOn(NOW, NOW - 366 * DAY, NOW - 3660 * DAY)).toEqual([
    expect.stringMatching(/^2 messages \(20\d\d-.* to 20\d\d-.*\) arrived more than twelve months ago$/),
  ]);
});

test('tells what is ahead of the clock', () => {
  expect(remarksOn(NOW + 400 * DAY)).toEqual([expect.stringMatching(/^1 message \(20.*\) arrived later than now/)]);
});
