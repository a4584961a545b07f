/** Nights that go wrong: a full store, a failing disk, a killed run, a queue that is gone. Each is told, and the next night is good. */

import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { nodeFileSystem } from '../../src/fs/node-file-system.ts';
import { DirectoryStore } from '../../src/store/directory-store.ts';
import { type Ended, runToEnd, signalTo, start } from '../support/process/process.ts';
import { disks, fill, type Mounted, mountFailingDisk, mounting, mountMemory } from '../support/torture/mounts.ts';
import { makeArchive, openScratch, optionsFor } from '../support/torture/queues.ts';
import { describeWith, root } from '../support/torture/requirements.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const ONE_LINE = /^postsnap: fatal: [^\n]+\n$/u;

describeWith([root, mounting, disks('ext4')], 'a night', () => {
  let scratch: string;
  let source: string;
  let disk: Mounted;
  let metrics: string;
  beforeAll(() => {
    scratch = openScratch();
    ({ source } = makeArchive(scratch, 150));
  });
  beforeEach(() => {
    disk = mountMemory(join(scratch, 'disk'), 'size=8m');
    metrics = join(scratch, 'night.prom');
  });
  afterEach(() => disk.unmount());
  afterAll(() => {
    rmSync(scratch, { recursive: true });
  });

  const toStore = () => ['--store', disk.path, '--keep-last', '2', '--metrics-file', metrics];
  const args = () => ['backup', '-q', ...optionsFor(source), '-o', 'myhostname=mail.example.org', ...toStore()];
  const told = (name: string) =>
    Number(new RegExp(`^postsnap_${name}\\{[^}]*\\} (.*)$`, 'mu').exec(readFileSync(metrics, 'utf8'))?.[1]);
  const archives = () =>
    existsSync(join(disk.path, 'mail.example.org'))
      ? readdirSync(join(disk.path, 'mail.example.org')).filter((name) => name.endsWith('.tar.zst'))
      : [];

  async function expectGoodNight(before: number): Promise<void> {
    const ended = await runToEnd(args());
    expect([ended.status, ended.stderr]).toEqual([0, '']);
    expect(told('backup_exit_status')).toBe(0);
    expect(archives()).toHaveLength(before + 1);
    for (const name of archives()) {
      const path = join(disk.path, 'mail.example.org', name);
      expect((await runToEnd(['verify', path])).status).toBe(0);
    }
  }

  async function expectBadNight(
    status: number,
    { more = [], meanwhile = async () => {} }: { more?: readonly string[]; meanwhile?: () => Promise<void> } = {},
  ): Promise<Ended> {
    const [before, success] = [archives(), told('backup_last_success_timestamp_seconds')];
    const night = start([...args(), ...more]);
    await meanwhile();
    const ended = await night.ended;
    expect(ended).toMatchObject({ status, stderr: expect.stringMatching(ONE_LINE) });
    expect(archives()).toEqual(before);
    expect(told('backup_exit_status')).toBe(status);
    expect(told('backup_last_success_timestamp_seconds')).toBe(success);
    return ended;
  }

  test('with a full store ends in 74, and the night after room was made is good', async () => {
    await expectGoodNight(0);
    const filler = fill(disk.path);
    expect((await expectBadNight(74)).stderr).toContain('ENOSPC');
    rmSync(filler);
    await expectGoodNight(1);
    expect(readdirSync(disk.path)).toEqual(['mail.example.org']);
  });

  test('on a disk that fails ends in 74, and the night after it was mended is good', async () => {
    disk.unmount();
    const failing = mountFailingDisk(join(scratch, 'failing'));
    disk = failing;
    await expectGoodNight(0);
    failing.fail();
    expect((await expectBadNight(74)).stderr).toContain('(EIO)');
    failing.mend();
    await expectGoodNight(1);
    const drafts = () => readdirSync(disk.path).filter((name) => name.endsWith('.tmp'));
    const whileItIsWritten = async () => {
      await expect.poll(drafts, { interval: 2, timeout: 60_000 }).toHaveLength(1);
      failing.fail();
    };
    expect((await expectBadNight(74, { meanwhile: whileItIsWritten })).stderr).toContain('(EIO)');
    failing.mend();
    // Of three the rules keep two.
    await expectGoodNight(1);
    expect(readdirSync(disk.path).filter((name) => /^[a-z]/u.test(name))).toEqual(['lost+found', 'mail.example.org']);
  });

  test('without the queue ends in 66, and the next one is good', async () => {
    await expectGoodNight(0);
    renameSync(source, `${source}.away`);
    await expectBadNight(66);
    renameSync(`${source}.away`, source);
    await expectGoodNight(1);
  });

  test('with a Postfix that can not be asked ends in 78, and the next one is good', async () => {
    await expectGoodNight(0);
    const bad = await runToEnd(['backup', '-q', '-c', join(scratch, 'gone'), ...toStore()]);
    expect(bad).toMatchObject({ status: 78, stdout: '', stderr: expect.stringMatching(ONE_LINE) });
    expect(told('backup_exit_status')).toBe(78);
    expect(told('backup_last_success_timestamp_seconds')).toBeGreaterThan(0);
    expect(archives()).toHaveLength(1);
    await expectBadNight(78, { more: ['-o', 'minimal_backoff_time=soon'] });
    await expectGoodNight(1);
  });

  test('that finds another still at work ends in 75, and the next one is good', async () => {
    await expectGoodNight(0);
    const store = new DirectoryStore(nodeFileSystem, disk.path, () => 'abcdefabcdef');
    const free = await store.occupy(JSON.stringify([hostname(), null, source]));
    const { stderr } = await expectBadNight(75);
    expect(stderr).toContain(`process ${process.pid} on `);
    free();
    await expectGoodNight(1);
  });

  test('that is killed leaves no half archive, and the next one is good', async () => {
    await expectGoodNight(0);
    for (const wait of [200, 700, 1500, 3000]) {
      const run = start([...args(), '--no-verify']);
      await new Promise((resolve) => setTimeout(resolve, wait));
      signalTo(run.pid, 'SIGKILL');
      await run.ended;
    }
    for (const name of archives()) {
      expect((await runToEnd(['verify', join(disk.path, 'mail.example.org', name)])).status, name).toBe(0);
    }
    expect((await runToEnd(args())).status).toBe(0);
  });
});
