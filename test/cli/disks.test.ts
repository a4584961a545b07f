import { readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { runToEnd, start } from '../support/process/process.ts';
import { faultsOf } from '../support/torture/judge.ts';
import { DISK_TYPES, disks, fill, type Mounted, mountDisk, mounting, mountMemory } from '../support/torture/mounts.ts';
import { phaseOf, stagedCount } from '../support/torture/phases.ts';
import { census, messagesOf, portrait } from '../support/torture/queue-census.ts';
import { makeArchive, makeQueueDirectory, OWNER, openScratch, optionsFor } from '../support/torture/queues.ts';
import { compiler, describeWith, root } from '../support/torture/requirements.ts';
import { compileShim, type Shim } from '../support/torture/shim.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

describeWith([root, mounting, compiler, disks('ext4')], 'a file system', () => {
  let scratch: string;
  let source: string;
  let archive: string;
  let shim: Shim;
  let mounts: Mounted[] = [];
  let places = 0;

  beforeAll(() => {
    scratch = openScratch();
    shim = compileShim(scratch);
    ({ source, archive } = makeArchive(scratch, 150));
  });
  afterEach(() => {
    for (const { unmount } of mounts.reverse()) {
      unmount();
    }
    mounts = [];
  });
  afterAll(() => {
    rmSync(scratch, { recursive: true });
  });

  function place(): string {
    places += 1;
    return join(scratch, `place-${places}`);
  }

  function mount<Disk extends Mounted>(disk: Disk): Disk {
    mounts.push(disk);
    return disk;
  }

  function restoreArgs(target: string): string[] {
    return ['restore', '-q', '-j', ...optionsFor(target), archive];
  }

  async function expectRestored(target: string): Promise<void> {
    const ended = await runToEnd(restoreArgs(target));
    expect(ended.status, ended.stderr).toBe(0);
    expect(faultsOf(source, target)).toEqual([]);
  }

  test.each([
    ['blocks', 'size=256k', / (\d+) bytes are missing: \d+ are needed, \d+ are free/u],
    ['inodes', 'size=100m,nr_inodes=100', / (\d+) inodes are missing: \d+ are needed, \d+ are free/u],
  ])('without enough %s is refused with 74 before the first write, with what is missing', async (_, options, told) => {
    const disk = mount(mountMemory(place(), options));
    const target = makeQueueDirectory(join(disk.path, 'queue'));
    const before = portrait(target);
    const { status, stdout, stderr } = await runToEnd(restoreArgs(target));
    expect([status, stdout]).toEqual([74, '']);
    expect(Number(told.exec(stderr)?.[1])).toBeGreaterThan(0);
    expect(portrait(target).filter((line) => !line.startsWith('postsnap '))).toEqual(before);
  });

  // What somebody else writes meanwhile can't be foreseen.
  test.each([
    ['memory', (path: string) => mountMemory(path, 'size=8m')],
    ['ext4', (path: string) => mountDisk(path, 'ext4', 16)],
  ])(
    'of %s that fills up while messages are staged: 74, nothing is left, and it works once there is room',
    async (_, make) => {
      const disk = mount(make(place()));
      const target = makeQueueDirectory(join(disk.path, 'queue'));
      const before = portrait(target);
      const environment = shim.environment({ below: target, delayMicroseconds: 5000 });
      const running = start(restoreArgs(target), { environment });
      while (stagedCount(target) < 20) {
        expect(running.hasEnded()).toBe(false);
        await sleep(2);
      }
      const filler = fill(disk.path);
      const { status, stdout, stderr } = await running.ended;
      expect([status, stdout]).toEqual([74, '']);
      expect(stderr).toMatch(/ENOSPC.* The queue was not touched: mend that, and run the same command again\./u);
      expect(portrait(target).filter((line) => !line.startsWith('postsnap '))).toEqual(before);
      expect(readdirSync(join(target, 'postsnap'))).toEqual([]);
      rmSync(filler);
      await expectRestored(target);
    },
  );

  test('of ext4 that fills up once the journal is sealed: each message that has no room is named, and the same command goes on', async () => {
    const disk = mount(mountDisk(place(), 'ext4', 16));
    const target = makeQueueDirectory(join(disk.path, 'queue'));
    const environment = shim.environment({ below: target, delayMicroseconds: 5000 });
    const running = start(restoreArgs(target), { environment });
    while (phaseOf(target) !== 'sealed') {
      expect(running.hasEnded()).toBe(false);
      await sleep(2);
    }
    const filler = fill(disk.path);
    const { status, stderr } = await running.ended;
    // 1: each message waits that has no room. 74: the journal, too, had none for the marks of what may become ready.
    expect([1, 74]).toContain(status);
    expect(stderr).toMatch(status === 1 ? /ENOSPC/u : /ENOSPC.*run the same command again: it goes on/u);
    expect(phaseOf(target)).toBe('sealed');
    rmSync(filler);
    await expectRestored(target);
  });

  test('that is full leaves no archive: 74', async () => {
    const disk = mount(mountMemory(place(), 'size=64k'));
    const ended = await runToEnd(['backup', ...optionsFor(source), join(disk.path, 'a.tar.zst')]);
    expect(ended).toMatchObject({ status: 74, stdout: '' });
    expect(ended.stderr).toContain('ENOSPC');
    expect(readdirSync(disk.path)).toEqual([]);
  });

  test.each(['deferred', 'deferred/A', 'defer/0'])(
    'that holds %s only is refused with 71, also by a dry run, and nothing is staged',
    async (directory) => {
      const target = makeQueueDirectory(place());
      const path = join(target, directory);
      mount(mountMemory(path, `mode=700,uid=${OWNER.uid},gid=${OWNER.gid}`));
      for (const more of [['-n'], []]) {
        const { status, stderr } = await runToEnd([...restoreArgs(target), ...more]);
        expect([status, stderr]).toEqual([71, expect.stringContaining(`${path} is on another file system`)]);
        expect(census(target)).toEqual([]);
      }
      expect(phaseOf(target)).toBe('before');
    },
  );

  test('that a link in the place of a hash directory leads to is refused with 71, and nothing is staged', async () => {
    const target = makeQueueDirectory(place());
    const disk = mount(mountMemory(place(), `mode=700,uid=${OWNER.uid},gid=${OWNER.gid}`));
    symlinkSync(disk.path, join(target, 'deferred/A'));
    const { status, stderr } = await runToEnd(restoreArgs(target));
    expect([status, stderr]).toEqual([71, expect.stringContaining(`${target}/deferred/A is on another file system`)]);
    expect(readdirSync(join(target, 'postsnap'))).toEqual([]);
  });

  test('without hard links is refused with 71, and nothing is staged', async () => {
    const target = makeQueueDirectory(place());
    // The lock needs them first.
    const environment = shim.environment({ below: target, noLinks: true });
    const { status, stdout, stderr } = await runToEnd(restoreArgs(target), { environment });
    expect([status, stdout]).toEqual([71, '']);
    expect(stderr).toContain('EPERM');
    expect(stderr).toContain('A mail queue needs a file system with hard links.');
    expect(readdirSync(join(target, 'postsnap'))).toEqual([]);
    expect(census(target)).toEqual([]);
  });

  test('without hard links holds archives all the same', async () => {
    const directory = makeQueueDirectory(place());
    const environment = shim.environment({ below: directory, noLinks: true });
    const path = join(directory, 'a.tar.zst');
    expect(await runToEnd(['backup', '-q', ...optionsFor(source), path], { environment })).toMatchObject({ status: 0 });
    expect(await runToEnd(['backup', '-q', ...optionsFor(source), path], { environment })).toMatchObject({
      status: 73,
    });
    expect(await runToEnd(['verify', '-q', path])).toMatchObject({ status: 0 });
    expect(readdirSync(directory).filter((name) => name.includes('tar.zst'))).toEqual(['a.tar.zst']);
  });

  for (const type of DISK_TYPES) {
    describeWith([disks(type)], `of type ${type}`, () => {
      test('holds what is restored, and what is backed up from it', async () => {
        const disk = mount(mountDisk(place(), type, 400));
        const target = makeQueueDirectory(join(disk.path, 'queue'));
        await expectRestored(target);
        const copy = join(disk.path, 'copy.tar.zst');
        const ended = await runToEnd(['backup', '-j', ...optionsFor(target), copy]);
        expect(JSON.parse(ended.stdout)).toMatchObject({ messages: 150, unreadable: [] });
      });
    });
  }

  describeWith([disks('xfs')], 'of 15 terabytes', () => {
    test('has inodes beyond 32 bits, and the names tell them', async () => {
      const disk = mount(mountDisk(place(), 'xfs', 15 * 1024 * 1024));
      const target = makeQueueDirectory(join(disk.path, 'queue'));
      await expectRestored(target);
      const inodes = messagesOf(census(target)).map(({ inode }) => inode);
      expect(inodes.some((inode) => inode > 0xffff_ffffn)).toBe(true);
    });
  });
});
