/** The configuration file and the environment, as the built command takes them. */

import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

test('the metrics file is for the nights: not for an archive that somebody names', () => {
  const archive = join(scratch, 'named.tar.zst');
  expect(run(['backup', '-q', ...queue(), '--configuration', '/dev/null', archive]).status).toBe(0);
  const metrics = { POSTSNAP_METRICS_FILE: join(scratch, 'named.prom') };
  expect(run(['verify', '-q', archive], metrics).status).toBe(0);
  expect(existsSync(metrics.POSTSNAP_METRICS_FILE)).toBe(false);
  expect(run(['verify', '-q', '--store', store, '--snapshot', 'latest'], metrics).status).toBe(0);
  expect(readFileSync(metrics.POSTSNAP_METRICS_FILE, 'utf8')).toMatch(/^postsnap_verify_exit_status\{[^}]*\} 0$/mu);
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

describe('a queue directory of the file', () => {
  const queueOf = (args: string[], environment: Record<string, string> = {}) => {
    const other = join(scratch, 'other.toml');
    writeFileSync(other, `queue-directory = "${source}"\n`);
    const { stdout } = run(['check-config', '-j', ...args], { POSTSNAP_CONFIGURATION: other, ...environment });
    return stdout.includes(source);
  };

  test('is not taken for the queue of an instance or of a configuration directory that is named', () => {
    expect(queueOf([])).toBe(true);
    expect(queueOf(['-c', '/etc/postfix'])).toBe(false);
    expect(queueOf([], { MAIL_CONFIG: '/etc/postfix' })).toBe(false);
    expect(queueOf(['-i', '-'])).toBe(false);
  });
});

describe('check-config', () => {
  const check = (args: string[], environment: Record<string, string> = {}) => {
    const ended = run(['check-config', '-j', ...args], environment);
    expect(ended.stderr).toBe('');
    const { ok, points } = JSON.parse(ended.stdout) as {
      ok: boolean;
      points: { name: string; ok: boolean; text: string }[];
    };
    expect(ended.status).toBe(ok ? 0 : 78);
    return points;
  };
  const wrongOf = (points: { name: string; ok: boolean }[]) =>
    points.filter((point) => !point.ok).map(({ name }) => name);

  test('looks over all, and leaves nothing', () => {
    const before = readdirSync(store).toSorted();
    const points = check(queue());
    expect(points.map(({ name }) => name)).toEqual([
      'configuration',
      'postfix',
      'queue',
      'store',
      'room',
      'clock',
      'schedule',
    ]);
    expect(wrongOf(points)).toEqual(existsSync('/etc/cron.d/postsnap') ? [] : ['schedule']);
    expect(readdirSync(store).toSorted()).toEqual(before);
  });

  test('tells of a secret that everybody may read', () => {
    const secret = join(scratch, 'secret.toml');
    writeFileSync(secret, '[instances.postfix-out]\nping = "https://ping.example/uuid"\n', { mode: 0o644 });
    const found = () => check(queue(), { POSTSNAP_CONFIGURATION: secret })[0];
    expect(found()).toMatchObject({ name: 'configuration', ok: false, text: expect.stringContaining('chmod o-r') });
    expect(found()?.text).not.toContain('uuid');
    chmodSync(secret, 0o640);
    expect(found()).toMatchObject({ name: 'configuration', ok: true });
  });

  test('tells all that is wrong at once, each with its next step', () => {
    const bad = join(scratch, 'two-faults.toml');
    writeFileSync(bad, 'level = 99\nkep-daily = 3\n');
    const environment = { POSTSNAP_CONFIGURATION: bad, POSTSNAP_STORE: join(scratch, 'nowhere') };
    const points = check(['--queue-directory', join(scratch, 'none')], environment);
    expect(wrongOf(points).slice(0, 4)).toEqual(['configuration', 'configuration', 'postfix', 'store']);
    expect(points[0]?.text).toContain('two-faults.toml:1: level: expected is');
    expect(points[3]?.text).toMatch(/there is no store .*\. Is its disk mounted\?/u);
  });

  test('is a line for each point', () => {
    const { stdout } = run(['check-config', ...queue()]);
    expect(stdout).toMatch(/^ {2}ok +configuration: +\/.*postsnap\.toml is right\n {2}ok +postfix: /u);
  });
});
