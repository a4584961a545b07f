// Prints "N passed, N failed" from the report that vitest wrote, and fails unless every test ran and passed.
import { readFileSync } from 'node:fs';

const [reportPath, testStatus] = process.argv.slice(2);

const { testResults } = JSON.parse(readFileSync(reportPath, 'utf8'));
const tests = testResults.flatMap((file) => file.assertionResults);
const passed = tests.filter((test) => test.status === 'passed').length;
const failed = tests.filter((test) => test.status === 'failed').length;
const notRun = tests.filter((test) => test.status !== 'passed' && test.status !== 'failed');
const brokenFiles = testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0);

for (const test of notRun) {
  console.log(`not run (${test.status}): ${test.fullName}`);
}
for (const file of brokenFiles) {
  console.log(`could not be run: ${file.name}: ${file.message}`);
}

const allPassed = failed === 0 && passed > 0 && notRun.length === 0 && brokenFiles.length === 0 && testStatus === '0';
process.exitCode = allPassed ? 0 : 1;
console.log(`${passed} passed, ${failed + brokenFiles.length} failed`);
