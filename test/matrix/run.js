// npm run matrix -- [--everything] [--reports DIRECTORY] [--project NAME]... [--filter PATH]... [ROW...]: the tests on other
// Debians, with other versions of Postfix and Node.js. As root, on a Debian system with debootstrap. Build first. It ends
// with a table, and in 0 only if every test of every row ran and passed.

import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { formatTable } from '../bench/statistics.js';
import { debianSystem, runForText, runIn } from './debian-system.js';
import { nodeRelease } from './node-release.js';
import { chosenTests, ROWS } from './rows.js';
import { readReport } from './test-report.js';

const HEADING = ['row', 'Postfix', 'Node.js', 'passed', 'failed', 'seconds'];

const { values: options, positionals: names } = parseArgs({
  allowPositionals: true,
  options: {
    /** Where vitest's own report of each row is left. */
    reports: { type: 'string' },
    /** Not only what a system and its Postfix judge, but all tests of the row's projects. */
    everything: { type: 'boolean', default: false },
    /** All tests of these projects. */
    project: { type: 'string', multiple: true, default: [] },
    /** Other tests than the row's, such as those that make fixtures. */
    config: { type: 'string' },
    /** Those test files whose path has this in it. */
    filter: { type: 'string', multiple: true, default: [] },
  },
});

const unknown = names.filter((name) => ROWS.every((row) => row.name !== name));
if (unknown.length > 0) {
  throw new Error(`no such row: ${unknown.join(', ')}; there are ${ROWS.map(({ name }) => name).join(', ')}`);
}
const chosen = ROWS.filter(({ name }) => names.length === 0 || names.includes(name) === true);
const results = chosen.map(testRow);
process.stdout.write(`\n${formatTable([HEADING, ...results.map(cells)])}\n`);
process.exitCode = results.every(({ complete }) => complete === true) ? 0 : 1;

function testRow(row) {
  const started = Date.now();
  try {
    const system = systemOf(row);
    return { ...row, ...versionsOf(system), ...testIn(system, row), seconds: secondsSince(started) };
  } catch (error) {
    // A system that can't be had is a failure like any other.
    process.stderr.write(`${row.name}: ${error.message}\n`);
    return { ...row, complete: false, postfix: '?', node: '?', passed: 0, failed: 1, seconds: secondsSince(started) };
  }
}

function systemOf({ suite, node }) {
  return node === undefined
    ? { root: debianSystem(suite, ['nodejs']) }
    : { root: debianSystem(suite), node: nodeRelease(node) };
}

function versionsOf({ root, node }) {
  const says = (words) => runForText('chroot', [root, ...words]);
  return {
    postfix: says(['postconf', '-dh', 'mail_version']),
    node: node === undefined ? says(['node', '-v']) : runForText(join(node, 'bin/node'), ['-v']),
  };
}

function testIn(system, row) {
  const report = ['--reporter=default', '--reporter=json', '--outputFile.json=/tmp/report.json'];
  const command = ['node', 'node_modules/vitest/vitest.mjs', 'run', ...testsOf(row), ...report];
  return runIn(system, command, ({ status, scratch }) => {
    const path = join(scratch, 'report.json');
    if (options.reports !== undefined && existsSync(path) === true) {
      copyFileSync(path, join(options.reports, `${row.name}.json`));
    }
    const { passed, failed, complaints } = readReport(path);
    process.stderr.write(complaints.map((complaint) => `${row.name}: ${complaint}\n`).join(''));
    return { complete: status === 0 && failed === 0 && passed > 0, passed, failed };
  });
}

/** Vitest's words for what is to run in a row. */
function testsOf(row) {
  if (options.config !== undefined) {
    return ['--config', options.config, ...options.filter];
  }
  const { projects, filters } = chosenTests(row, options);
  return ['--config', 'test/vitest.config.ts', ...projects.flatMap((name) => ['--project', name]), ...filters];
}

function cells({ name, postfix, node, passed, failed, seconds }) {
  return [name, postfix, node, passed, failed, seconds].map(String);
}

function secondsSince(started) {
  return Math.round((Date.now() - started) / 1000);
}
