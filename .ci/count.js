// node count.js STATUS REPORT...: prints "N passed, N failed" from the reports that vitest wrote, added up, and fails unless
// every test ran and passed. A report that is not there counts as a failure. STATUS is 0 if vitest said so, too.
import { readReport } from '../test/matrix/test-report.js';

const [testStatus, ...reportPaths] = process.argv.slice(2);

const reports = reportPaths.map(readReport);
const [passed, failed] = ['passed', 'failed'].map((key) => reports.reduce((sum, report) => sum + report[key], 0));
for (const complaint of reports.flatMap(({ complaints }) => complaints)) {
  console.log(complaint);
}
const isEmpty = reports.length === 0 || reports.some((report) => report.passed === 0);
process.exitCode = failed === 0 && isEmpty === false && testStatus === '0' ? 0 : 1;
console.log(`${passed} passed, ${failed} failed`);
