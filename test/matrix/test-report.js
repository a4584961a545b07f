// What vitest's JSON report says, added up.

import { readFileSync } from 'node:fs';

/** A test that did not run counts as failed, and so does a file that could not be run. */
export function readReport(path) {
  const { testResults } = JSON.parse(readFileSync(path, 'utf8'));
  const tests = testResults.flatMap((file) => file.assertionResults);
  const passed = tests.filter((test) => test.status === 'passed').length;
  const notRun = tests.filter((test) => test.status !== 'passed' && test.status !== 'failed');
  const brokenFiles = testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0);
  return {
    passed,
    failed: tests.length - passed + brokenFiles.length,
    complaints: [
      ...notRun.map((test) => `not run (${test.status}): ${test.fullName}`),
      ...brokenFiles.map((file) => `could not be run: ${file.name}: ${file.message}`),
    ],
  };
}
