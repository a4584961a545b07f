import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { postsnap } from '../support/process/command.ts';
import { describeWithProgram } from '../support/process/programs.ts';
import {
  makeEmptyQueue,
  makeSampleQueue,
  messagesIn,
  queueOptions,
  scratchDirectory,
} from '../support/queue/sample-queue.ts';

let scratch: string;
let source: string;
beforeAll(() => {
  scratch = scratchDirectory();
  source = makeSampleQueue(join(scratch, 'source'));
});
afterAll(() => {
  rmSync(scratch, { recursive: true });
});

let count = 0;
function newStore(): string {
  count += 1;
  const store = join(scratch, `store${count}`);
  mkdirSync(store, { mode: 0o700 });
  return store;
}

const host = (name = 'mail.example.org') => ['-o', `myhostname=${name}`];

function backUp(store: string, ...more: string[]): Record<string, unknown> {
  const ended = postsnap(['backup', ...queueOptions(source), ...host(), '-j', '--store', store, ...more]);
  expect(ended).toMatchObject({ status: 0, stderr: '' });
  return JSON.parse(ended.stdout);
}

function shownIn(store: string, ...more: string[]): Record<string, unknown>[] {
  const ended = postsnap(['snapshots', '-j', '--store', store, ...more]);
  expect(ended).toMatchObject({ status: 0, stderr: '' });
  const lines = ended.stdout.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('a backup into a store', () => {
  test('names its archive, reads it back, and keeps what the rules say', () => {
    const store = newStore();
    const first = backUp(store, '--keep-last', '2');
    expect(first).toMatchObject({ verified: true, removed: [], messages: messagesIn(source).length });
    const [name] = readdirSync(join(store, 'mail.example.org')).filter((file) => file.endsWith('.tar.zst'));
    expect(name).toMatch(/^\d{8}T\d{6}Z-[0-9a-f]{8}\.tar\.zst$/u);
    expect(first['archive']).toBe(join(store, 'mail.example.org', name ?? ''));
    expect(statSync(join(store, 'mail.example.org', name ?? '')).mode & 0o777).toBe(0o600);
    backUp(store, '--keep-last', '2');
    const third = backUp(store, '--keep-last', '2');
    expect(third['removed']).toEqual([first['archive']]);
    expect(shownIn(store, '--keep-last', '2')).toMatchObject([
      { kept_by: ['last', 'last-two'] },
      {
        host: 'mail.example.org',
        instance: '-',
        time: expect.stringMatching(/Z$/u),
        snapshot: String(third['snapshot_id']).slice(0, 8),
        archive: third['archive'],
        messages: third['messages'],
        archive_bytes: third['archive_bytes'],
        verified: expect.stringMatching(/Z$/u),
        pinned: false,
        kept_by: ['last', 'newest-verified', 'last-two'],
      },
    ]);
  });

  test('makes a directory that is missing, and says so; one whose parent is missing is refused', () => {
    const store = join(scratch, 'made');
    const args = ['backup', ...queueOptions(source), ...host(), '--store'];
    const made = postsnap([...args, store]);
    expect(made.status).toBe(0);
    expect(made.stderr).toMatch(/^postsnap: warning: there was no store .*made.*disk mounted[^\n]*\n$/u);
    expect(made.stdout).toContain('Read back: every digest is right.');
    expect(statSync(store).mode & 0o777).toBe(0o700);
    expect(postsnap([...args, join(scratch, 'missing', 'store')])).toMatchObject({ status: 66 });
  });

  test('of an empty queue is a snapshot, too', () => {
    const store = newStore();
    const empty = makeEmptyQueue(join(scratch, 'empty'));
    expect(postsnap(['backup', ...queueOptions(empty), ...host(), '--store', store])).toMatchObject({ status: 0 });
    expect(shownIn(store)).toMatchObject([{ messages: 0, verified: expect.any(String) }]);
  });

  test('can be left unverified, and is verified later', () => {
    const store = newStore();
    expect(backUp(store, '--no-verify')).toMatchObject({ verified: null });
    expect(shownIn(store)).toMatchObject([{ verified: null }]);
    expect(postsnap(['check', '--store', store])).toMatchObject({ status: 1 });
    expect(postsnap(['verify', '--store', store, '--snapshot', 'latest'])).toMatchObject({ status: 0 });
    expect(shownIn(store)).toMatchObject([{ verified: expect.any(String) }]);
    expect(postsnap(['check', '--store', store])).toMatchObject({ status: 0 });
  });

  test('that fails leaves nothing', () => {
    const store = newStore();
    const args = ['backup', '--queue-directory', join(scratch, 'no-queue'), ...host(), '--store', store];
    expect(postsnap(args)).toMatchObject({ status: 66 });
    expect(readdirSync(store)).toEqual([]);
  });

  test('of a host with a hostile name stays in the store', () => {
    const store = newStore();
    const args = ['backup', ...queueOptions(source), '-o', 'myhostname=../../etc', '--store', store];
    expect(postsnap(args)).toMatchObject({ status: 0 });
    expect(readdirSync(store)).toEqual(['%2E.%2F..%2Fetc']);
    expect(shownIn(store, '--host', '../../etc')).toMatchObject([{ host: '../../etc' }]);
  });
});

describe('a snapshot in place of an archive', () => {
  let store: string;
  let archive: string;
  let id: string;
  beforeAll(() => {
    store = newStore();
    const report = backUp(store);
    archive = String(report['archive']);
    id = String(report['snapshot_id']).slice(0, 8);
  });

  test.each(['list', 'list -j', 'info -j', 'verify -j'])('%s', (command) => {
    const [name = '', ...options] = command.split(' ');
    const direct = postsnap([name, ...options, archive]);
    expect(direct.status).toBe(0);
    const forms = name === 'info' ? ['latest', id, id.slice(0, 5), String(new Date().getUTCFullYear())] : ['latest'];
    for (const snapshot of forms) {
      const stored = postsnap([name, ...options, '--store', store, '--snapshot', snapshot]);
      expect(stored).toEqual(direct);
    }
  });

  test('diff compares it with another archive', () => {
    const [other, queue] = [newStore(), makeEmptyQueue(join(scratch, 'nothing'))];
    expect(postsnap(['backup', ...queueOptions(queue), ...host(), '--store', other]).status).toBe(0);
    expect(postsnap(['diff', '--store', store, '--snapshot', id, archive])).toMatchObject({ status: 0 });
    expect(postsnap(['diff', '--store', other, '--snapshot', 'latest', archive])).toMatchObject({ status: 1 });
    expect(postsnap(['diff', '--store', other, '--snapshot', 'latest', archive, archive])).toMatchObject({
      status: 64,
    });
  });

  test('cat and restore take their other arguments behind it', () => {
    const [message] = messagesIn(source).filter(({ queueName }) => queueName === 'hold');
    const chosen = ['--store', store, '--snapshot', id];
    const shown = postsnap(['cat', ...chosen, message?.queueId ?? '']);
    expect(shown.status).toBe(0);
    expect(shown.bytes.equals(readFileSync(message?.path ?? ''))).toBe(true);
    const target = makeEmptyQueue(join(scratch, 'target'));
    const restored = postsnap(['restore', ...queueOptions(target), '-j', ...chosen, message?.queueId ?? '']);
    expect(restored.status).toBe(0);
    expect(JSON.parse(restored.stdout)).toMatchObject({ restored: 1 });
  });

  test.each<[number, string[]]>([
    [64, ['list', '--store', 'STORE']],
    [64, ['list', '--snapshot', 'latest']],
    [64, ['list', '--host', 'a', 'archive']],
    [64, ['verify', '--store', 'STORE', '--snapshot', 'latest', 'archive']],
    [64, ['cat', '--store', 'STORE', '--snapshot', 'latest']],
    [64, ['cat', '--store', 'STORE', '--snapshot', 'latest', 'A', 'B']],
    [64, ['list', '--store', 's3://bucket', '--snapshot', 'latest']],
    [66, ['list', '--store', 'STORE', '--snapshot', 'ffffffff']],
    [66, ['list', '--store', 'STORE', '--snapshot', 'latest', '--host', 'b.example']],
    [66, ['list', '--store', '/nowhere', '--snapshot', 'latest']],
    [64, ['backup', '--store', 'STORE', 'archive']],
    [64, ['backup', '--keep-last', '3', 'archive']],
    [64, ['backup', '--store', 'STORE', '--keep-last', '0']],
    [64, ['prune', '--store', 'STORE']],
    [64, ['prune', '--store', 'STORE', '--keep-last', '-1']],
    [64, ['prune', '--store', 'STORE', '--keep-within', '2 weeks']],
    [64, ['prune', '--keep-last', '1']],
    [64, ['pin', '--store', 'STORE']],
    [66, ['pin', '--store', 'STORE', 'ffffffff']],
  ])('%i: %o', (status, args) => {
    const ended = postsnap(args.map((arg) => (arg === 'STORE' ? store : arg)));
    expect(ended.status).toBe(status);
    expect(ended.stderr).toMatch(/^postsnap: fatal: [^\n]+\n$/u);
  });

  test('is one of several hosts', () => {
    const shared = newStore();
    for (const name of ['a.example', 'b.example']) {
      expect(postsnap(['backup', ...queueOptions(source), ...host(name), '--store', shared]).status).toBe(0);
    }
    const latest = ['info', '-j', '--store', shared, '--snapshot', 'latest'];
    expect(postsnap(latest).status).toBe(64);
    const chosen = postsnap([...latest, '--host', 'b.example', '--instance', '-']);
    expect(JSON.parse(chosen.stdout)).toMatchObject({ myhostname: 'b.example' });
  });
});

describe('prune and pin', () => {
  test('show what they keep, and why', () => {
    const store = newStore();
    const [first, second, third] = [backUp(store), backUp(store), backUp(store)].map(({ archive }) => archive);
    const id = String(shownIn(store)[0]?.['snapshot']);
    const dry = postsnap(['prune', '-n', '-j', '--store', store, '--keep-daily', '1']);
    expect(JSON.parse(dry.stdout)).toEqual({
      dry_run: true,
      kept: [
        { archive: second, kept_by: ['last-two'] },
        { archive: third, kept_by: ['daily', 'newest-verified', 'last-two'] },
      ],
      removed: [first],
      swept: [],
    });
    expect(postsnap(['pin', '--store', store, id]).stdout).toContain('is pinned');
    expect(postsnap(['prune', '--store', store, '--keep-daily', '1']).stdout).toContain('kept: pinned\n');
    expect(postsnap(['unpin', '--store', store, id]).stdout).toContain('is not pinned any more');
    const done = postsnap(['prune', '--store', store, '--keep-daily', '1']);
    expect(done.stdout).toContain('2 snapshots kept, 1 removed.\n');
    expect(shownIn(store)).toHaveLength(2);
  });
});

describe('check', () => {
  const PLUGIN = /^POSTSNAP (OK|WARNING|CRITICAL|UNKNOWN) - [^|\n]+(?: \|(?: '[^'=\n]+'=\d+(?:s|B)?;\d*;\d*;0)+)?\n$/u;

  test('is a plugin: one line, performance data, 0 to 3', () => {
    const store = newStore();
    const check = (...args: string[]) => {
      const { status, stdout, stderr } = postsnap(['check', ...args]);
      expect(stdout).toMatch(PLUGIN);
      expect(stderr).toBe('');
      return [status, PLUGIN.exec(stdout)?.[1]];
    };
    expect(check('--store', store)).toEqual([2, 'CRITICAL']);
    backUp(store);
    expect(check('--store', store)).toEqual([0, 'OK']);
    expect(check('--store', store, '--max-age', '0s', '--host', 'mail.example.org')).toEqual([2, 'CRITICAL']);
    expect(check('--store', store, '--host', 'b.example')).toEqual([2, 'CRITICAL']);
    expect(check('--store', join(scratch, 'nowhere'))).toEqual([3, 'UNKNOWN']);
    expect(check()).toEqual([3, 'UNKNOWN']);
  });
});

describeWithProgram('promtool', 'the metrics of a backup', () => {
  const lint = (file: string) =>
    spawnSync('promtool', ['check', 'metrics'], { input: readFileSync(file), encoding: 'utf8' });
  const value = (file: string, name: string) =>
    new RegExp(`^postsnap_${name}(?:\\{[^}]*\\})? (.*)$`, 'mu').exec(readFileSync(file, 'utf8'))?.[1];

  test('are what promtool takes, also when it fails, and keep the last success', () => {
    const [store, file] = [newStore(), join(scratch, 'postsnap.prom')];
    backUp(store, '--metrics-file', file);
    expect(lint(file)).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(statSync(file).mode & 0o777).toBe(0o644);
    expect(value(file, 'backup_exit_status')).toBe('0');
    expect(value(file, 'store_snapshots')).toBe('1');
    const held = messagesIn(source).filter(({ queueName }) => queueName === 'hold').length;
    expect(readFileSync(file, 'utf8')).toContain(
      `postsnap_backup_messages{file="postsnap.prom",queue="hold"} ${held}\n`,
    );
    const success = value(file, 'backup_last_success_timestamp_seconds');
    const args = ['backup', '--queue-directory', join(scratch, 'none'), '--store', store, '--metrics-file', file];
    expect(postsnap(args).status).toBe(66);
    expect(lint(file)).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(value(file, 'backup_exit_status')).toBe('66');
    expect(value(file, 'backup_last_success_timestamp_seconds')).toBe(success);
    expect(Number(value(file, 'backup_last_attempt_timestamp_seconds'))).toBeGreaterThan(Number(success));
    expect(value(file, 'store_snapshots')).toBe('1');
    expect(value(file, 'backup_messages')).toBeUndefined();
  });

  test('have what `verify` finds of a snapshot, and keep the rest', () => {
    const [store, file] = [newStore(), join(scratch, 'verified.prom')];
    backUp(store, '--no-verify', '--metrics-file', file);
    expect(value(file, 'verify_last_success_timestamp_seconds')).toBeUndefined();
    const verify = (...args: string[]) => postsnap(['verify', '-q', '--metrics-file', file, ...args]);
    expect(verify('--store', store, '--snapshot', 'latest')).toMatchObject({ status: 0, stderr: '' });
    expect(lint(file)).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(value(file, 'verify_exit_status')).toBe('0');
    const success = value(file, 'verify_last_success_timestamp_seconds');
    expect(Number(success)).toBeGreaterThan(Date.now() / 1000 - 60);
    expect(verify(join(scratch, 'nowhere')).status).toBe(66);
    expect(value(file, 'verify_exit_status')).toBe('66');
    expect(value(file, 'verify_last_success_timestamp_seconds')).toBe(success);
    expect(value(file, 'store_snapshots')).toBe('1');
    expect(readdirSync(scratch).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  test('that can not be written leave the backup as it is, and are told', () => {
    const [store, file] = [newStore(), join(scratch, 'file')];
    writeFileSync(file, '');
    const args = [
      'backup',
      ...queueOptions(source),
      ...host(),
      '--store',
      store,
      '--metrics-file',
      join(file, 'x.prom'),
    ];
    const ended = postsnap(args);
    expect(ended).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^postsnap: warning: can't write .*x\.prom/u),
    });
    expect(shownIn(store)).toHaveLength(1);
  });
});
