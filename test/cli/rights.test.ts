import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { COMMAND } from '../support/process/command.ts';
import { commandForAnybody, install } from '../support/process/for-anybody.ts';
import { runToEnd, type Surroundings } from '../support/process/process.ts';
import { cutOff } from '../support/torture/cut-off.ts';
import { faultsOf } from '../support/torture/judge.ts';
import { census, messagesOf, portrait } from '../support/torture/queue-census.ts';
import {
  makeArchive,
  makeFullQueue,
  makeQueueDirectory,
  NOBODY,
  OWNER,
  openScratch,
  optionsFor,
} from '../support/torture/queues.ts';
import { compiler, describeWith, root } from '../support/torture/requirements.ts';
import { compileShim, type Shim } from '../support/torture/shim.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

describeWith([root, compiler], 'rights', () => {
  let scratch: string;
  let source: string;
  let archive: string;
  let targets = 0;

  beforeAll(() => {
    scratch = openScratch();
    ({ source, archive } = makeArchive(scratch, 60));
  });
  afterAll(() => {
    rmSync(scratch, { recursive: true });
  });

  function newTarget(): string {
    targets += 1;
    return makeQueueDirectory(join(scratch, `target-${targets}`));
  }

  function restore(target: string, surroundings: Surroundings = {}, ...more: string[]) {
    return runToEnd(['restore', '-q', '-j', ...optionsFor(target), ...more, archive], surroundings);
  }

  describe('another user', () => {
    test('may not restore, nor foresee a restore, and changes nothing', async () => {
      const target = newTarget();
      const before = portrait(target);
      for (const more of [[], ['-n'], ['--into', 'hold'], ['--salvage']]) {
        const ended = await restore(target, NOBODY, ...more);
        expect(ended).toMatchObject({ status: 77, stdout: '' });
        expect(ended.stderr).toMatch(/^postsnap: fatal: only root and the owner of the queue .* Run it as root\.\n$/u);
      }
      expect(portrait(target)).toEqual(before);
    });

    test('is told so before the archive is looked at', async () => {
      const target = newTarget();
      const ended = await runToEnd(['restore', ...optionsFor(target), '/nonexistent'], NOBODY);
      expect(ended.status).toBe(77);
    });

    test('may not read a queue', async () => {
      const open = join(scratch, 'open');
      mkdirSync(open, { mode: 0o777 });
      chmodSync(open, 0o777);
      const ended = await runToEnd(['backup', ...optionsFor(source), join(open, 'a.tar.zst')], NOBODY);
      expect(ended).toMatchObject({ status: 77, stdout: '' });
      expect(readdirSync(open)).toEqual([]);
    });
  });

  describe('set-uid use', () => {
    test.each([
      ['restore', ['-n']],
      ['backup', []],
      ['list', []],
      ['verify', []],
      ['cat', []],
    ])('is refused by %s', (command, more) => {
      const node = join(scratch, `node-${command}`);
      copyFileSync(process.execPath, node);
      chmodSync(node, 0o4755);
      const options = ['restore', 'backup'].includes(command) ? optionsFor(source) : [];
      const file = command === 'backup' ? join(scratch, 'never.tar.zst') : archive;
      const args = [
        commandForAnybody(),
        command,
        ...more,
        ...options,
        file,
        ...(command === 'cat' ? ['0123456789'] : []),
      ];
      const { status, stdout, stderr } = spawnSync(node, args, { ...NOBODY, encoding: 'utf8' });
      rmSync(node);
      expect([status, stdout]).toEqual([77, '']);
      expect(stderr).toContain('must not run as a set-uid or set-gid process');
      expect(existsSync(join(scratch, 'never.tar.zst'))).toBe(false);
    });
  });

  describe('root without one of its rights, as in a container', () => {
    const READING = 'dac_override,-dac_read_search';
    const without = (lacking: string, words: readonly string[]) => {
      const limits = ['--bounding-set', `-${lacking}`, '--inh-caps', `-${lacking}`];
      return spawnSync('setpriv', [...limits, process.execPath, COMMAND, ...words], { encoding: 'utf8' });
    };
    const LACKS_READING = expect.stringMatching(
      /: Permission denied \(EACCES\)\. Root lacks CAP_DAC_READ_SEARCH here, the right to read what is another user's: give it that/u,
    );

    test('is told which it lacks, and for what', () => {
      const own = join(scratch, 'nobodys.tar.zst');
      copyFileSync(archive, own);
      chownSync(own, NOBODY.uid, NOBODY.gid);
      chmodSync(own, 0o600);
      for (const words of [
        ['verify', own],
        ['list', own],
        ['restore', ...optionsFor(newTarget()), archive],
        ['backup', ...optionsFor(source), join(scratch, 'never.tar.zst')],
      ]) {
        const { status, stderr } = without(READING, words);
        expect([status, stderr], words[0]).toEqual([77, LACKS_READING]);
      }
      const { status, stderr } = without('chown', ['restore', ...optionsFor(newTarget()), archive]);
      expect([status, stderr]).toEqual([
        77,
        expect.stringMatching(/it lacks CAP_CHOWN\. Give it that capability, or make/u),
      ]);
    });

    test('is told which it lacks to make an archive', () => {
      const theirs = join(scratch, 'theirs');
      mkdirSync(theirs, { mode: 0o700 });
      chownSync(theirs, NOBODY.uid, NOBODY.gid);
      const { status, stderr } = without('dac_override', ['backup', ...optionsFor(source), join(theirs, 'new')]);
      expect([status, stderr]).toEqual([
        73,
        expect.stringMatching(/: Permission denied \(EACCES\)\. Root lacks CAP_DAC_OVERRIDE here, the right to write/u),
      ]);
    });

    test.each(['fowner', 'kill', 'dac_override', 'dac_read_search'])('needs no %s for a restore', (lacking) => {
      const target = newTarget();
      expect(without(lacking, ['restore', '-q', ...optionsFor(target), archive])).toMatchObject({
        status: 0,
        stderr: '',
      });
      expect(faultsOf(source, target)).toEqual([]);
    });
  });

  test('who may not read an archive is told so, with 77', async () => {
    const own = join(scratch, 'roots.tar.zst');
    copyFileSync(archive, own);
    chmodSync(own, 0o600);
    const { status, stderr } = await runToEnd(['verify', own], NOBODY);
    expect([status, stderr]).toEqual([
      77,
      expect.stringMatching(/can't open the archive .*: Permission denied \(EACCES\)\. Run this as root\.\n$/u),
    ]);
  });

  test('who may not list a store is told so, with 77', async () => {
    const store = join(scratch, 'roots-store');
    mkdirSync(store, { mode: 0o700 });
    const { status, stderr } = await runToEnd(['snapshots', '--store', store], NOBODY);
    expect([status, stderr]).toEqual([
      77,
      expect.stringMatching(
        /this user may not list the store .*\. Run this as root, or as the user whose store it is\.\n$/u,
      ),
    ]);
  });

  describe('mail_owner', () => {
    test('is told what root must do once, and restores without root then', async () => {
      const target = newTarget();
      const told = await restore(target, OWNER);
      expect(told.status).toBe(77);
      expect(told.stderr).toMatch(
        /can't make the directory .*\/postsnap: Permission denied \(EACCES\)\. As root: make it by hand, mode 0700/u,
      );
      mkdirSync(join(target, 'postsnap'), { mode: 0o700 });
      chownSync(join(target, 'postsnap'), OWNER.uid, OWNER.gid);
      expect(await restore(target, OWNER)).toMatchObject({ status: 0, stderr: '' });
      expect(faultsOf(source, target)).toEqual([]);
      expect(new Set(census(target).map(({ uid }) => uid))).toEqual(new Set([OWNER.uid]));
    });

    test('is who the queue belongs to, or nothing is made in it', async () => {
      const target = newTarget();
      const before = readdirSync(target);
      const { status, stderr } = await restore(target, {}, '-o', 'mail_owner=root');
      expect([status, stderr]).toEqual([
        78,
        expect.stringMatching(/is the queue of uid \d+, and not of mail_owner root/u),
      ]);
      expect(readdirSync(target)).toEqual(before);
    });

    test('backs up', async () => {
      const target = newTarget();
      expect(await restore(target)).toMatchObject({ status: 0 });
      const directory = join(scratch, 'his-archives');
      mkdirSync(directory);
      chownSync(directory, OWNER.uid, OWNER.gid);
      // Submissions of others are his to read, too: they are readable to all in maildrop.
      const ended = await runToEnd(['backup', '-j', ...optionsFor(target), join(directory, 'a.tar.zst')], OWNER);
      expect(ended).toMatchObject({ status: 0, stderr: '' });
      expect(JSON.parse(ended.stdout)).toMatchObject({ messages: 60, unreadable: [] });
    });
  });

  describe('root', () => {
    let submissions: string;
    let copy: string;
    let shim: Shim;

    beforeAll(async () => {
      shim = compileShim(scratch);
      submissions = makeFullQueue(join(scratch, 'submissions'), 150);
      copy = join(scratch, 'submissions.tar.zst');
      const [first] = readdirSync(join(submissions, 'maildrop'));
      chownSync(join(submissions, 'maildrop', String(first)), NOBODY.uid, NOBODY.gid);
      expect(await runToEnd(['backup', '-q', ...optionsFor(submissions), copy])).toMatchObject({ status: 0 });
    });

    function restoreSubmissions(target: string) {
      return runToEnd(['restore', '-q', ...optionsFor(target), copy]);
    }

    /** The owners of genuine submissions, by content. */
    function genuineOf(queue: string): Map<string, number> {
      const genuine = messagesOf(census(queue)).filter(({ mode }) => mode === 0o744);
      return new Map(genuine.map(({ sha256, uid }) => [sha256, uid]));
    }

    /** A queue directory in which a restore of submissions was killed while it carried its journal out. */
    async function interrupted(): Promise<string> {
      const target = newTarget();
      await cutOff(shim, target, copy);
      return target;
    }

    test('gives genuine submissions to who made them, and all else to mail_owner', async () => {
      const target = newTarget();
      expect(await restoreSubmissions(target)).toMatchObject({ status: 0, stderr: '' });
      expect(faultsOf(submissions, target)).toEqual([]);
      expect(new Set(genuineOf(target).values()).size).toBe(2);
      expect(genuineOf(target)).toEqual(genuineOf(submissions));
      const others = census(target).filter(({ mode }) => mode !== 0o744);
      expect(new Set(others.map(({ uid }) => uid))).toEqual(new Set([OWNER.uid]));
    });

    test('gives them to who made them also when it finishes a restore that was cut off', async () => {
      const target = await interrupted();
      const { status, stderr } = await restoreSubmissions(target);
      expect([status, stderr]).toEqual([0, expect.stringMatching(/^.* was finished first: 150 messages\n$/u)]);
      expect(genuineOf(target)).toEqual(genuineOf(submissions));
    });

    test('leaves them to mail_owner when it finishes that without the archive, and says so', async () => {
      const target = await interrupted();
      const { status, stderr } = await runToEnd(['restore', '-q', '--finish', ...optionsFor(target)]);
      expect([status, stderr]).toEqual([0, expect.stringContaining('left to mail_owner')]);
      expect([...genuineOf(target).keys()].sort()).toEqual([...genuineOf(submissions).keys()].sort());
      expect(new Set(genuineOf(target).values())).toEqual(new Set([OWNER.uid]));
    });

    test.each([
      ['with all threads', []],
      ['in one', ['--workers', '0']],
    ])('works from where mail_owner can read nothing, %s', async (_, threads) => {
      const hidden = join(tmpdir(), `postsnap-hidden-${process.pid}`);
      mkdirSync(hidden, { mode: 0o700 });
      try {
        const command = install(join(hidden, 'lib'));
        const [target, own] = [newTarget(), join(hidden, 'queue.tar.zst')];
        symlinkSync(archive, join(hidden, 'link.tar.zst'));
        const args = ['restore', '-j', ...threads, ...optionsFor(target), '--map', join(hidden, 'map')];
        expect(await runToEnd([...args, join(hidden, 'link.tar.zst')], { command })).toMatchObject({
          status: 0,
          stderr: '',
        });
        expect(faultsOf(source, target)).toEqual([]);
        const backup = ['backup', '-q', '-j', '--verify', ...threads, ...optionsFor(target), own];
        expect(await runToEnd(backup, { command })).toMatchObject({ status: 0, stderr: '' });
        expect(JSON.parse((await runToEnd(['verify', '-j', own], { command })).stdout)).toMatchObject({
          ok: true,
          messages: 60,
        });
      } finally {
        rmSync(hidden, { recursive: true });
      }
    });
  });
});
