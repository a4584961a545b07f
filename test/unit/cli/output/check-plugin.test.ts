import { expect, test } from 'vitest';
import { checkJson, pluginLine, pluginStatus, unknownLine } from '../../../../src/cli/output/check-plugin.ts';
import type { CheckReport } from '../../../../src/keep/check.ts';
import { snapshotsIn } from '../../../../src/store/snapshot.ts';
import { nameAt, objectsOf } from '../../../support/store/stored.ts';

const [newest] = snapshotsIn(objectsOf(nameAt('2025-11-26T03:15:00Z'), { messages: 1, verified: true }));
const HOUR_MS = 3_600_000;
const good = { line: 'a.example', snapshots: 7, newest, ageMs: 5 * HOUR_MS, faults: [] };
const bad = {
  line: 'b.example',
  snapshots: 1,
  newest,
  ageMs: 90 * HOUR_MS,
  faults: ['too-old', 'not-verified'],
} as const;
const THRESHOLDS = { maxAgeSeconds: 93_600, warnAgeSeconds: undefined };

test.each<[CheckReport, number, string]>([
  [
    { state: 'ok', lines: [good] },
    0,
    "POSTSNAP OK - a.example: newest 5 h 0 min old, 1 message, 7 snapshots | 'a.example age'=18000s;;93600;0 'a.example size'=1000B;;;0 'a.example snapshots'=7;;;0\n",
  ],
  [
    { state: 'critical', lines: [good, bad] },
    2,
    "POSTSNAP CRITICAL - b.example: newest 3 days old, too old, not verified, 1 message, 1 snapshot | 'a.example age'=18000s;;93600;0 'a.example size'=1000B;;;0 'a.example snapshots'=7;;;0 'b.example age'=324000s;;93600;0 'b.example size'=1000B;;;0 'b.example snapshots'=1;;;0\n",
  ],
  [{ state: 'critical', lines: [] }, 2, 'POSTSNAP CRITICAL - there is no snapshot\n'],
])('%j', (report, status, line) => {
  expect(pluginStatus(report)).toBe(status);
  expect(pluginLine(report, THRESHOLDS)).toBe(line);
});

test('a warning has its threshold', () => {
  expect(pluginLine({ state: 'ok', lines: [good] }, { ...THRESHOLDS, warnAgeSeconds: 3600 })).toContain(
    "age'=18000s;3600;93600;0",
  );
});

test('what is not known can not break the line', () => {
  expect(unknownLine('a|b\nc')).toBe('POSTSNAP UNKNOWN - a?b?c\n');
});

test('as JSON', () => {
  expect(checkJson({ state: 'critical', lines: [bad] })).toEqual({
    state: 'critical',
    lines: [
      {
        line: 'b.example',
        snapshots: 1,
        newest: { snapshot: '00000001', time: '2025-11-26T03:15:00.000Z' },
        age_seconds: 324_000,
        faults: ['too-old', 'not-verified'],
      },
    ],
  });
});
