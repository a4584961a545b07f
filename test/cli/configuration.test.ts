/** The configuration file and the environment, as the built command takes them. */

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { postsnap } from '../support/process/command.ts';
import { makeSampleQueue, queueOptions, scratchDirectory } from '../support/queue/sample-queue.ts';

let scratch: string;
let source: string;
let store: string;
let file: string;
beforeAll(() => {
  scratch = scratchDirectory();
  source = makeSampleQueue(join(scratch, 'source'));
  store = join(scratch, 'store');
  mkdirSync(store, { mode: 0o700 });
  file = join(scratch, 'postsnap.toml');
  writeFileSync(
    file,
    [
      'store = "main"',
      `metrics-file = "${join(scratch, 'night.prom')}"`,
      '[stores.main]',
      `path = "${store}"`,
      'keep-daily = 2',
      'max-age = "0s"',
      `[stores.empty]`,
      `path = "${join(scratch, 'empty')}"`,
    ].join('\n'),
  );
  mkdirSync(join(scratch, 'empty'), { mode: 0o700 });
});
afterAll(() => {
  rmSync(scratch, { recursive: true });
});

const queue = () => [...queueOptions(source), '-o', 'myhostname=mail.example.org'];
const run = (args: string[], environment: Record<string, string> = {}) =>
  postsnap(args, { environment: { POSTSNAP_CONFIGURATION: file, ...environment } });

test('a night needs no option', () => {
  for (let night = 1; night <= 3; night += 1) {
    expect(run(['backup', '-q', ...queue()])).toMatchObject({ status: 0, stderr: '' });
  }
  expect(run(['snapshots', '-j']).stdout.trim().split('\n')).toHaveLength(2);
  expect(readFileSync(join(scratch, 'night.prom'), 'utf8')).toContain('postsnap_store_snapshots');
  expect(run(['prune', '-n', '-j']).stdout).toContain('"daily"');
});

test('an option goes before the environment, and that before the file', () => {
  expect(run(['check']).status).toBe(2);
  expect(run(['check'], { POSTSNAP_MAX_AGE: '1d' }).status).toBe(0);
  expect(run(['check', '--max-age', '0s'], { POSTSNAP_MAX_AGE: '1d' }).status).toBe(2);
  expect(run(['check', '--configuration', '/dev/null']).status).toBe(3);
  expect(run(['snapshots', '-j', '--store', 'empty']).stdout).toBe('');
  expect(run(['snapshots', '-j'], { POSTSNAP_STORE: 'empty' }).stdout).toBe('');
});

test('rules that are given replace those of the file', () => {
  const { kept } = JSON.parse(run(['prune', '-n', '-j', '--keep-last', '1']).stdout);
  expect(JSON.stringify(kept)).not.toContain('daily');
});

test('who names an archive means no store', () => {
  const archive = join(scratch, 'one.tar.zst');
  expect(run(['backup', '-q', ...queue(), archive])).toMatchObject({ status: 0, stderr: '' });
  const direct = run(['list', '-j', archive]);
  expect(direct.status).toBe(0);
  expect(direct.stdout).not.toBe('');
  expect(run(['list', '-j', '--snapshot', 'latest'])).toMatchObject({ status: 0 });
  expect(run(['list'])).toMatchObject({ status: 64 });
});

describe('what is wrong is 78 in one line, and nothing is done', () => {
  test.each([
    ['kep-daily = 3\n', /bad\.toml:1: kep-daily: there is no such key; is keep-daily meant\?/u],
    ['\nlevel = 99\n', /bad\.toml:2: level: expected is a whole number from 1 to 19, found is 99/u],
    ['level = \n', /bad\.toml:1: this is no TOML/u],
  ])('%j', (text, reason) => {
    const bad = join(scratch, 'bad.toml');
    writeFileSync(bad, text);
    const ended = postsnap(['snapshots', '--configuration', bad, '--store', store]);
    expect(ended).toMatchObject({ status: 78, stdout: '', stderr: expect.stringMatching(reason) });
    expect(ended.stderr).toMatch(/^postsnap: fatal: [^\n]+\n$/u);
  });

  test('in the environment', () => {
    const ended = run(['backup', '-q', ...queue()], { POSTSNAP_LEVEL: '99' });
    expect(ended).toMatchObject({ status: 78, stdout: '' });
    expect(ended.stderr).toContain('the environment variable POSTSNAP_LEVEL: level: 99: It must be');
  });

  test('a file that is not there is 66, an instance that is not there 78', () => {
    expect(postsnap(['snapshots', '--configuration', join(scratch, 'none'), '--store', store]).status).toBe(66);
    expect(run(['backup', '-q', '-i', 'postfix-nowhere'])).toMatchObject({
      status: 78,
      stderr: expect.stringContaining('there is no Postfix instance postfix-nowhere'),
    });
    expect(run(['backup', '-i', '-', '-c', '/etc/postfix']).status).toBe(64);
  });
});
