import { execFileSync } from 'node:child_process';
import { chownSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { COMMAND } from '../support/process/command.ts';
import { runToEnd } from '../support/process/process.ts';
import { cutOff } from '../support/torture/cut-off.ts';
import { faultsOf, leftovers } from '../support/torture/judge.ts';
import { portrait } from '../support/torture/queue-census.ts';
import { makeArchive, makeQueueDirectory, openScratch, optionsFor } from '../support/torture/queues.ts';
import { compiler, describeWith, root } from '../support/torture/requirements.ts';
import { compileShim, type Shim } from '../support/torture/shim.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 });

describeWith([root, compiler], 'a restore that was cut off', () => {
  const MESSAGES = 100;
  let scratch: string;
  let source: string;
  let archive: string;
  let shim: Shim;
  let targets = 0;

  beforeAll(() => {
    scratch = openScratch();
    shim = compileShim(scratch);
    ({ source, archive } = makeArchive(scratch, MESSAGES));
  });
  afterAll(() => {
    rmSync(scratch, { recursive: true });
  });

  const run = (target: string, command: string, ...more: readonly string[]) =>
    runToEnd([command, '-j', ...optionsFor(target), ...more]);

  /** A queue directory in which a restore was killed while it carried its journal out. */
  async function interrupted(): Promise<string> {
    targets += 1;
    const target = makeQueueDirectory(join(scratch, `target-${targets}`));
    await cutOff(shim, target, archive);
    return target;
  }

  test('is told by status and by a backup, and finished without its archive', async () => {
    const target = await interrupted();
    const status = await run(target, 'status');
    expect(status.status).toBe(1);
    expect(JSON.parse(status.stdout)).toMatchObject({
      queue_directory: target,
      pending: [
        { archive, into: 'queues', messages: MESSAGES, started: expect.any(String), ready: expect.any(Number) },
      ],
      restored_before: 0,
    });
    const backup = await run(target, 'backup', join(scratch, `backup-${targets}.tar.zst`));
    expect([backup.status, backup.stderr]).toEqual([1, expect.stringContaining('postsnap restore --finish')]);
    const finished = await run(target, 'restore', '--finish');
    expect([finished.status, JSON.parse(finished.stdout)]).toMatchObject([0, { restored: MESSAGES, failed: 0 }]);
    expect(faultsOf(source, target)).toEqual([]);
    const after = await run(target, 'status');
    expect([after.status, JSON.parse(after.stdout)]).toMatchObject([0, { pending: [], restored_before: 1 }]);
  });

  test('is finished by the command that status prints, as it stands', async () => {
    const target = await interrupted();
    const { stdout } = await runToEnd(['status', ...optionsFor(target)]);
    const line = /^Next: `postsnap (restore .*?)` finishes it/mu.exec(stdout)?.[1] ?? '';
    const pasted = execFileSync('bash', ['-c', `'${process.execPath}' '${COMMAND}' ${line}`], { encoding: 'utf8' });
    expect(pasted).toMatch(/^\/\S+: \d+ messages of interrupted restores are in the queue\.\n$/u);
    expect(faultsOf(source, target)).toEqual([]);
  });

  test('is not finished under the name of another route, and can be given up', async () => {
    const target = await interrupted();
    const dry = await run(target, 'restore', '-n', '--into', 'hold', archive);
    expect(dry.stderr).toContain('was cut off');
    const other = await run(target, 'restore', '--into', 'hold', archive);
    expect([other.status, other.stderr]).toEqual([75, expect.stringContaining('--abandon')]);
    const abandoned = await run(target, 'restore', '--abandon');
    const { abandoned: given, restored } = JSON.parse(abandoned.stdout);
    expect([abandoned.status, given + restored]).toEqual([0, MESSAGES]);
    expect(leftovers(target)).toEqual([]);
    const held = await run(target, 'restore', '--into', 'hold', '--queues', ALL_QUEUES, archive);
    expect(held.status, held.stderr).toBe(0);
    expect(JSON.parse(held.stdout).restored).toBe(given);
  });

  test.each([
    ['cp -a', (from: string, to: string) => ['cp', '-a', from, to]],
    [
      'tar, as another disk',
      (from: string, to: string) => ['sh', '-c', `mkdir ${to} && tar -C ${from} -c . | tar -C ${to} -xp`],
    ],
    [
      'cp with split links',
      (from: string, to: string) => ['cp', '-dR', '--preserve=mode,ownership,timestamps', from, to],
    ],
  ])('is finished by the same command after a copy by %s', async (_, commandOf) => {
    const target = await interrupted();
    const moved = `${target}.moved`;
    renameSync(target, moved);
    const [command = '', ...args] = commandOf(moved, target);
    execFileSync(command, args);
    rmSync(moved, { recursive: true });
    const again = await run(target, 'restore', archive);
    expect(again.status, again.stderr).toBe(0);
    const status = await run(target, 'status');
    expect(status.status).toBe(0);
    expect(leftovers(target)).toEqual([]);
    const check = await run(target, 'restore', archive);
    expect([check.status, JSON.parse(check.stdout)]).toMatchObject([0, { restored: 0, failed: 0 }]);
  });

  test.each([
    ['0', 'by then postsnap has not looked at it'],
    ['1', 'by then the state directory is his, what is in it is not'],
  ])('by a mail_owner who had another uid names what to give him, and is finished then (%s)', async (before) => {
    const present = '4101';
    const target = await interrupted();
    const options = optionsFor(target, present);
    for (const queue of readdirSync(target).filter((name) => name !== 'postsnap')) {
      execFileSync('chown', ['-R', `${present}:${present}`, join(target, queue)]);
    }
    if (before === '1') {
      chownSync(join(target, 'postsnap'), Number(present), Number(present));
    }
    const hint = expect.stringContaining(`chown -R mail_owner ${join(target, 'postsnap')}`);
    const was = portrait(target);
    for (const command of [['status'], ['restore', archive], ['restore', '--finish'], ['restore', '--abandon']]) {
      const { status, stderr } = await runToEnd([...command, ...options]);
      expect([command, status, stderr]).toEqual([command, 71, hint]);
    }
    const backup = await runToEnd(['backup', ...options, join(scratch, `changed-${targets}.tar.zst`)]);
    // It goes on to `postsnap status`, which names the same.
    expect([backup.status, backup.stderr]).toEqual([
      1,
      expect.stringMatching(/postsnap status .*mail_owner may not read/su),
    ]);
    expect(portrait(target).filter((line) => !line.startsWith('postsnap '))).toEqual(
      was.filter((line) => !line.startsWith('postsnap ')),
    );
    execFileSync('chown', ['-R', present, join(target, 'postsnap')]);
    const finished = await runToEnd(['restore', '-j', '--finish', ...options]);
    expect([finished.status, JSON.parse(finished.stdout)]).toMatchObject([0, { restored: MESSAGES, failed: 0 }]);
    expect(faultsOf(source, target)).toEqual([]);
  });
});

const ALL_QUEUES = 'maildrop,incoming,active,deferred,hold';
