/** The lines of several mail logs come in the order of time, in whatever order the logs are given. */

import { expect, test } from 'vitest';
import { mergedLines } from '../../../src/restore/log-lines.ts';

const NOW = Date.UTC(2026, 10, 27, 12) / 1000;

function log(name: string, ...lines: readonly (readonly [time: string, text: string])[]) {
  const bytes = Buffer.from(lines.map(([time, text]) => `2026-11-27T${time}+00:00 host ${text}\n`).join(''));
  return {
    name,
    source: { size: bytes.length, read: (at: number, length: number) => bytes.subarray(at, at + length) },
  };
}

async function merged(logs: Parameters<typeof mergedLines>[0]): Promise<string[]> {
  const found: string[] = [];
  for await (const lines of mergedLines(logs, { now: NOW, onDisorder: (name) => found.push(`disorder in ${name}`) })) {
    found.push(...lines.map(({ line }) => line.split(' ').at(-1) ?? ''));
  }
  return found;
}

test('logs that overlap are merged', async () => {
  const one = log('one', ['10:00:00', 'a'], ['10:00:02', 'c'], ['10:00:04', 'e']);
  const other = log('other', ['10:00:01', 'b'], ['10:00:03', 'd']);
  expect(await merged([one, other])).toEqual(['a', 'b', 'c', 'd', 'e']);
  expect(await merged([other, one])).toEqual(['a', 'b', 'c', 'd', 'e']);
});

test('of one second the end of a log comes before the beginning of the next one', async () => {
  const parts = [
    log('0', ['10:00:00', 'a'], ['10:00:01', 'b']),
    log('1', ['10:00:01', 'c'], ['10:00:01', 'd'], ['10:00:02', 'e']),
    log('2', ['10:00:02', 'f']),
  ] as const;
  const [first, second, third] = parts;
  for (const order of [parts, [third, first, second], [second, third, first], [third, second, first]]) {
    expect(await merged(order)).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  }
});
