// What vitest's JSON report says, added up.

import { readFileSync } from 'node:fs';

/** A test that did not run counts as failed, and so do a file that could not be run and a report that is not there. */
export function readReport(path) {
  const testResults = resultsIn(path);
  if (testResults === undefined) {
    return { passed: 0, failed: 1, complaints: [`no report: ${path}`] };
  }
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

/** Undefined if the run left no report, or none that is whole. */
function resultsIn(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).testResults;
  } catch {
    return undefined;
  }
}
