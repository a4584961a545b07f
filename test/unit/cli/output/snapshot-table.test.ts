import { afterAll, beforeAll, expect, test } from 'vitest';
import { pruneSummary } from '../../../../src/cli/output/prune-summary.ts';
import { formatAge, snapshotJson, snapshotTable } from '../../../../src/cli/output/snapshot-table.ts';
import { judge } from '../../../../src/keep/snapshots.ts';
import { nameAt, objectsOf } from '../../../support/store/stored.ts';

const zone = process.env['TZ'];
beforeAll(() => {
  process.env['TZ'] = 'UTC';
});
afterAll(() => {
  if (zone === undefined) {
    delete process.env['TZ'];
  } else {
    process.env['TZ'] = zone;
  }
});

const NOW = Date.parse('2025-11-26T12:00:00Z');
const verdicts = judge(
  [
    ...objectsOf(nameAt('2025-11-20T03:15:00Z', 1), { messages: 3120, verified: true }),
    ...objectsOf(nameAt('2025-11-25T03:15:00Z', 2), { size: 1_200_000 }),
    ...objectsOf(nameAt('2025-11-26T03:15:00Z', 3), { messages: 0, verified: true }),
    ...objectsOf(nameAt('2025-11-26T03:15:00Z', 4, 'a\u001b[31m.example'), { messages: 1, pinned: true }),
  ],
  { now: NOW },
);

test('for people, line by line; a hostile name is shown, and not obeyed', () => {
  expect(snapshotTable(verdicts, NOW)).toBe(
    [
      'a?[31m.example',
      '  begun                      snapshot         age  messages    size  verified  kept by',
      '  2025-11-26 03:15:00 +0000  00000004  8 h 45 min         1  1.0 kB  no        pinned, last-two',
      '',
      'mail.example.org',
      '  begun                      snapshot          age  messages    size  verified                   kept by',
      '  2025-11-20 03:15:00 +0000  00000001       6 days     3,120  1.0 kB  2025-11-20 03:15:00 +0000',
      '  2025-11-25 03:15:00 +0000  00000002  32 h 45 min         ?  1.2 MB  no                         last-two',
      '  2025-11-26 03:15:00 +0000  00000003   8 h 45 min         0  1.0 kB  2025-11-26 03:15:00 +0000  newest-verified, last-two',
      '',
    ].join('\n'),
  );
});

test('as JSON', () => {
  const [, , unverified] = verdicts;
  expect(unverified && snapshotJson(unverified, '/store/x')).toEqual({
    host: 'mail.example.org',
    instance: '-',
    time: '2025-11-25T03:15:00.000Z',
    snapshot: '00000002',
    archive: '/store/x',
    messages: null,
    archive_bytes: 1_200_000,
    verified: null,
    pinned: false,
    kept_by: ['last-two'],
  });
});

test.each([
  [-1, 'in the future'],
  [0, '0.0 s'],
  [47 * 3_600_000, '47 h 0 min'],
  [48 * 3_600_000, '2 days'],
])('an age of %i ms is %s', (ms, text) => {
  expect(formatAge(ms)).toBe(text);
});

test('what a prune kept and removed', () => {
  const [line] = [verdicts.filter(({ snapshot }) => snapshot.host === 'mail.example.org')];
  expect(pruneSummary({ dryRun: true, verdicts: line, swept: ['.postsnap.00000000000a.tmp'] })).toBe(
    [
      'mail.example.org/20251120T031500Z-00000001.tar.zst: would be removed',
      'mail.example.org/20251125T031500Z-00000002.tar.zst: kept: last-two',
      'mail.example.org/20251126T031500Z-00000003.tar.zst: kept: newest-verified, last-two',
      '',
      '2 snapshots kept, 1 would be removed.',
      'Left half done by a crash: 1 file would be removed.',
      '',
    ].join('\n'),
  );
});
