/** Drills by the built command, as root, with the installed Postfix as a judge. */

import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { COMMAND, postsnap } from '../support/process/command.ts';
import { signalTo, start } from '../support/process/process.ts';
import { describeWithProgram } from '../support/process/programs.ts';
import { mounting, mountMemory } from '../support/torture/mounts.ts';
import { makeArchive, makeQueueDirectory, openScratch, optionsFor } from '../support/torture/queues.ts';
import { describeWith, root } from '../support/torture/requirements.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const HAS_POSTFIX = spawnSync('postconf', ['-h', 'mail_version']).status === 0;

describeWith([root], 'a drill', () => {
  let scratch: string;
  let source: string;
  let archive: string;
  let place: string;
  beforeAll(() => {
    scratch = openScratch();
    ({ source, archive } = makeArchive(scratch, 60));
    place = join(scratch, 'place');
    mkdirSync(place);
    chmodSync(place, 0o711);
  });
  afterAll(() => {
    rmSync(scratch, { recursive: true });
  });

  // Postfix refuses one group for both.
  const owner = () => [...optionsFor(source).slice(2), '-o', 'setgid_group=mail'];
  const drill = (...args: string[]) => postsnap(['drill', '--directory', place, ...owner(), ...args]);
  const tree = (directory: string) =>
    readdirSync(directory, { recursive: true, encoding: 'utf8' })
      .toSorted()
      .map((name) => `${name} ${statSync(join(directory, name)).mtimeMs}`);

  test('restores all, compares it, asks Postfix, and leaves nothing', () => {
    const before = tree(source);
    const ended = drill('-j', archive);
    expect(ended).toMatchObject({ status: 0, stderr: '' });
    const report = JSON.parse(ended.stdout) as Record<string, unknown>;
    expect(report).toMatchObject({ ok: true, problems: [], restored: report['messages'], checked: report['messages'] });
    expect(Number(report['restored'])).toBeGreaterThan(50);
    expect(report['judged_by']).toEqual(HAS_POSTFIX ? expect.stringMatching(/^\d/u) : null);
    expect(readdirSync(place)).toEqual([]);
    expect(tree(source)).toEqual(before);
  });

  test('of a store takes the latest snapshot, and writes its metrics beside those of the backup', () => {
    const [store, metrics] = [join(scratch, 'store'), join(scratch, 'night.prom')];
    mkdirSync(store, { mode: 0o700 });
    const args = ['--store', store, '--metrics-file', metrics];
    const options = [...optionsFor(source), '-o', 'myhostname=mail.example.org'];
    expect(postsnap(['backup', '-q', ...options, ...args])).toMatchObject({ status: 0 });
    expect(drill('-q', ...args)).toMatchObject({ status: 0, stderr: '' });
    expect(postsnap(['backup', '-q', ...options, ...args])).toMatchObject({ status: 0 });
    const text = readFileSync(metrics, 'utf8');
    expect(text).toMatch(/^postsnap_drill_last_success_timestamp_seconds\{file="night\.prom"\} \d/mu);
    expect(text).toMatch(/^postsnap_drill_exit_status\{file="night\.prom"\} 0$/mu);
    expect(text).toMatch(/^postsnap_backup_exit_status\{file="night\.prom"\} 0$/mu);
    expect(text.match(/^# HELP postsnap_drill_exit_status/gmu)).toHaveLength(1);
  });

  test('of a damaged archive is 65, says so in its metrics, and leaves nothing', () => {
    const [damaged, metrics] = [join(scratch, 'damaged'), join(scratch, 'damaged.prom')];
    const bytes = readFileSync(archive);
    const at = Math.floor(bytes.length / 3);
    bytes.writeUInt8(bytes.readUInt8(at) ^ 0xff, at);
    writeFileSync(damaged, bytes);
    const ended = drill('--metrics-file', metrics, damaged);
    expect(ended.status).toBe(65);
    expect(ended.stderr).toMatch(/^postsnap: fatal: [^\n]+\n$/mu);
    expect(readFileSync(metrics, 'utf8')).toMatch(/^postsnap_drill_exit_status\{[^}]*\} 65$/mu);
    expect(readFileSync(metrics, 'utf8')).not.toContain('last_success');
    expect(readdirSync(place)).toEqual([]);
  });

  test('removes what one that was killed has left, a week later, and nothing of others', () => {
    const [old, fresh, others] = ['000000000001', '000000000002', '000000000003'].map((digits) =>
      join(place, `postsnap-drill.${digits}`),
    ) as [string, string, string];
    for (const directory of [old, fresh, others]) {
      mkdirSync(join(directory, 'queue'), { recursive: true });
    }
    chownSync(others, 65_534, 65_534);
    const long = Date.now() / 1000 - 8 * 86_400;
    utimesSync(old, long, long);
    utimesSync(others, long, long);
    expect(drill('-q', archive)).toMatchObject({ status: 0, stderr: '' });
    expect(
      readdirSync(place)
        .map((name) => join(place, name))
        .toSorted(),
    ).toEqual([fresh, others]);
    rmSync(fresh, { recursive: true });
    rmSync(others, { recursive: true });
  });

  test('of a store that hosts share takes the newest snapshot of all', () => {
    const store = join(scratch, 'shared');
    mkdirSync(store, { mode: 0o700 });
    for (const host of ['b.example.org', 'a.example.org']) {
      const night = ['backup', '-q', ...optionsFor(source), '-o', `myhostname=${host}`, '--store', store];
      expect(postsnap(night)).toMatchObject({ status: 0, stderr: '' });
    }
    const newest = JSON.parse(postsnap(['snapshots', '-j', '--store', store, '--host', 'a.example.org']).stdout);
    const report = JSON.parse(drill('-j', '--store', store).stdout);
    expect(report.snapshot_id.slice(0, 8)).toBe(newest.snapshot);
  });

  describeWithProgram('strace', 'by its system calls', () => {
    /** Those of a program and of all that it starts, a line each, with the path of each descriptor. */
    const callsOf = (names: string, ...command: string[]) => {
      const trace = join(scratch, 'trace');
      const args = ['-f', '-y', '-qq', '-s', '4096', '-e', `trace=${names}`, '-o', trace, process.execPath, ...command];
      const { status, stderr } = spawnSync('strace', args, {
        encoding: 'utf8',
        env: { ...process.env, MAIL_CONFIG: '' },
      });
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      return readFileSync(trace, 'utf8').split('\n');
    };
    const drilling = (names: string) =>
      callsOf(names, COMMAND, 'drill', '-q', '--directory', place, ...owner(), archive);
    const onNetwork = (calls: readonly string[]) => calls.filter((call) => call.includes('AF_INET'));

    test('opens no port, and asks no other machine', () => {
      const names = 'bind,listen,connect,accept,accept4,sendto,sendmsg';
      expect(onNetwork(drilling(names))).toEqual([]);
      // It would be seen.
      const server = "const s = require('node:net').createServer().listen(0, '127.0.0.1', () => s.close())";
      expect(onNetwork(callsOf(names, '-e', server))).toHaveLength(1);
    });

    test('changes nothing but in the directory that it makes', () => {
      const names = [
        'open,openat,creat,truncate,mknod,mknodat,mkdir,mkdirat,rmdir,link,linkat,symlink,symlinkat,rename,renameat',
        'renameat2,unlink,unlinkat,chmod,fchmod,fchmodat,chown,lchown,fchown,fchownat,utimensat,utimes,futimesat',
      ].join(',');
      const reads = /\bopen(?:at)?\((?!.*(?:O_WRONLY|O_RDWR|O_CREAT|O_TRUNC))/u;
      const elsewhere = (calls: readonly string[]) =>
        calls.filter(
          (call) => /^\d+ +\w+\(/u.test(call) && !reads.test(call) && !call.includes(`${place}/postsnap-drill.`),
        );
      const found = elsewhere(drilling(names));
      expect(found.filter((call) => !/[<"]\/dev\/null[>"]/u.test(call))).toEqual([]);
      expect(readdirSync(place)).toEqual([]);
      const wrong = `require('node:fs').writeFileSync(${JSON.stringify(join(scratch, 'elsewhere'))}, '')`;
      expect(elsewhere(callsOf(names, '-e', wrong))).not.toEqual([]);
    });
  });

  test('that is interrupted leaves nothing, and another queue as it was', async () => {
    const before = tree(source);
    for (const [index, signal] of (['SIGTERM', 'SIGINT', 'SIGHUP'] as const).entries()) {
      const running = start(['drill', '-q', '--directory', place, ...owner(), archive]);
      while (!running.hasEnded() && readdirSync(place).length <= 0) {
        await sleep(5);
      }
      await sleep(index * 30);
      signalTo(running.pid, signal);
      expect([130, 143, 129]).toContain((await running.ended).status);
      expect(readdirSync(place)).toEqual([]);
    }
    expect(tree(source)).toEqual(before);
  });

  test('of an empty queue says that nothing could be tried', () => {
    const [empty, taken] = [makeQueueDirectory(join(scratch, 'empty')), join(scratch, 'empty.tar.zst')];
    expect(postsnap(['backup', '-q', ...optionsFor(empty), taken])).toMatchObject({ status: 0 });
    expect(drill(taken)).toMatchObject({ status: 0, stdout: expect.stringMatching(/nothing could be tried\.\n$/u) });
  });

  describeWith([mounting], 'where there is too little room', () => {
    test('says which directory it is, and nothing of a part of the messages', () => {
      const { path: full, unmount } = mountMemory(join(scratch, 'full'), 'size=64k');
      try {
        const { status, stderr } = postsnap(['drill', '--directory', full, ...owner(), archive]);
        expect(status).toBe(74);
        expect(stderr).toMatch(
          /no room for the restore in .* Make room in .*\/full, or name a directory that has more\.\n$/u,
        );
        expect(readdirSync(full)).toEqual([]);
      } finally {
        unmount();
      }
    });
  });

  test('where there is no directory is told', () => {
    const ended = postsnap(['drill', '--directory', join(scratch, 'nowhere'), ...owner(), archive]);
    const nowhere = join(scratch, 'nowhere');
    expect(ended.status).toBe(66);
    expect(ended.stderr).toBe(
      `postsnap: fatal: there is no directory ${nowhere} for the queue of the drill. Make it, or name another one.\n`,
    );
  });
});
