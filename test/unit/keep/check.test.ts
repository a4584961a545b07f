import { expect, it } from 'vitest';
import { check } from '../../../src/keep/check.ts';
import { putFile } from '../../support/disk/tree.ts';
import { newStoreDisk } from '../../support/store/sample-store.ts';
import { nameAt, objectsOf, type SnapshotMarks, storeOn } from '../../support/store/stored.ts';

const NOW = Date.parse('2025-11-26T12:00:00Z');
const HOUR_MS = 3_600_000;

type Stored = readonly [time: string, marks: SnapshotMarks, host?: string];

function storeWith(stored: readonly Stored[]) {
  const disk = newStoreDisk();
  for (const [at, [time, marks, host]] of stored.entries()) {
    for (const { key, size } of objectsOf(nameAt(time, at, host), marks)) {
      putFile(disk, `/store/${key}`, { content: '.'.repeat(size) });
    }
  }
  return storeOn(disk);
}

const GOOD = { verified: true };

it.each<[string, readonly Stored[], object]>([
  ['a fresh one', [['2025-11-26T03:15:00Z', GOOD]], { state: 'ok', faults: [[]] }],
  ['one that is as old as may be', [['2025-11-25T10:00:00Z', GOOD]], { state: 'ok', faults: [[]] }],
  ['one that is too old', [['2025-11-25T09:59:59Z', GOOD]], { state: 'critical', faults: [['too-old']] }],
  ['none', [], { state: 'critical', faults: [] }],
  [
    'one that was not read back, after others that were',
    [
      ['2025-11-25T03:15:00Z', GOOD],
      ['2025-11-26T03:15:00Z', {}],
    ],
    { state: 'warning', faults: [['not-verified']] },
  ],
  [
    'one from the future, which hides nothing',
    [
      ['2025-11-20T03:15:00Z', GOOD],
      ['2035-11-26T03:15:00Z', GOOD],
    ],
    { state: 'critical', faults: [['too-old', 'from-the-future']] },
  ],
  [
    'only one from the future',
    [['2035-11-26T03:15:00Z', GOOD]],
    { state: 'critical', faults: [['no-snapshot', 'from-the-future']] },
  ],
  ['one of a clock that is a little ahead', [['2025-11-26T12:02:00Z', GOOD]], { state: 'ok', faults: [[]] }],
  [
    'a good and a bad line',
    [
      ['2025-11-26T03:15:00Z', GOOD],
      ['2025-11-20T03:15:00Z', GOOD, 'b.example'],
    ],
    { state: 'critical', faults: [['too-old'], []] },
  ],
])('%s', async (_, stored, expected) => {
  const { state, lines } = await check({
    store: storeWith(stored),
    maxAgeMs: 26 * HOUR_MS,
    now: NOW,
  });
  expect({ state, faults: lines.map(({ faults }) => faults) }).toEqual(expected);
});

it('warns of one that is getting old, from the age that was asked for', async () => {
  const options = { store: storeWith([['2025-11-25T15:00:00Z', GOOD]]), maxAgeMs: 26 * HOUR_MS, now: NOW };
  expect(await check({ ...options, warnAgeMs: 21 * HOUR_MS })).toMatchObject({ state: 'ok' });
  expect(await check({ ...options, warnAgeMs: 20 * HOUR_MS })).toMatchObject({
    state: 'warning',
    lines: [{ faults: ['getting-old'] }],
  });
});

it('looks only at the lines that are meant', async () => {
  const store = storeWith([
    ['2025-11-26T03:15:00Z', GOOD],
    ['2025-11-20T03:15:00Z', GOOD, 'b.example'],
  ]);
  const report = await check({ store, host: 'mail.example.org', maxAgeMs: 26 * HOUR_MS, now: NOW });
  expect(report).toMatchObject({ state: 'ok', lines: [{ ageMs: 8.75 * HOUR_MS, snapshots: 1 }] });
});
