/** The count that .ci/run ends with: whatever did not run and pass is a failure. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

const COUNT = fileURLToPath(new URL('../../.ci/count.js', import.meta.url));

const directory = mkdtempSync(join(tmpdir(), 'postsnap-count-'));
afterAll(() => rmSync(directory, { recursive: true }));

function testsWith(...statuses: readonly string[]) {
  return { status: 'passed', assertionResults: statuses.map((status) => ({ status, fullName: `is ${status}` })) };
}

const REPORTS = {
  good: JSON.stringify({ testResults: [testsWith('passed', 'passed')] }),
  failed: JSON.stringify({ testResults: [testsWith('passed', 'failed')] }),
  skipped: JSON.stringify({ testResults: [testsWith('passed', 'pending')] }),
  broken: JSON.stringify({
    testResults: [
      testsWith('passed'),
      { status: 'failed', assertionResults: [], name: 'a.test.ts', message: 'syntax' },
    ],
  }),
  empty: JSON.stringify({ testResults: [] }),
  cut: '{"testResults":[',
} as const;

for (const [name, text] of Object.entries(REPORTS)) {
  writeFileSync(join(directory, name), text);
}

test.each([
  { status: '0', reports: ['good'], ends: 0, says: '2 passed, 0 failed' },
  { status: '0', reports: ['good', 'good'], ends: 0, says: '4 passed, 0 failed' },
  { status: '1', reports: ['good'], ends: 1, says: '2 passed, 0 failed' },
  { status: '0', reports: ['good', 'failed'], ends: 1, says: '3 passed, 1 failed' },
  { status: '0', reports: ['skipped'], ends: 1, says: 'not run (pending): is pending\n1 passed, 1 failed' },
  { status: '0', reports: ['broken'], ends: 1, says: 'could not be run: a.test.ts: syntax\n1 passed, 1 failed' },
  { status: '0', reports: ['good', 'empty'], ends: 1, says: '2 passed, 0 failed' },
  { status: '0', reports: ['good', 'cut'], ends: 1, says: `no report: ${directory}/cut\n2 passed, 1 failed` },
  { status: '0', reports: ['good', 'none'], ends: 1, says: `no report: ${directory}/none\n2 passed, 1 failed` },
  { status: '0', reports: [], ends: 1, says: '0 passed, 0 failed' },
])('of a run that ended in $status with $reports is a $ends', ({ status, reports, ends, says }) => {
  const paths = reports.map((name) => join(directory, name));
  const counted = spawnSync(process.execPath, [COUNT, status, ...paths], { encoding: 'utf8' });
  expect([counted.status, counted.stdout, counted.stderr]).toEqual([ends, `${says}\n`, '']);
});
