import { chownSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { identifyProcess } from '../../src/fs/process-identity.ts';
import { childrenOf, killAll, runToEnd, type Surroundings, signalTo, start } from '../support/process/process.ts';
import { faultsOf } from '../support/torture/judge.ts';
import { phaseOf } from '../support/torture/phases.ts';
import { makeArchive, makeQueueDirectory, OWNER, openScratch, optionsFor } from '../support/torture/queues.ts';
import { compiler, describeWith, root } from '../support/torture/requirements.ts';
import { compileShim, type Shim } from '../support/torture/shim.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

describeWith([root, compiler], 'a queue directory', () => {
  let scratch: string;
  let source: string;
  let archive: string;
  let shim: Shim;
  let targets = 0;

  beforeAll(() => {
    scratch = openScratch();
    shim = compileShim(scratch);
    ({ source, archive } = makeArchive(scratch, 100));
  });
  afterAll(() => {
    rmSync(scratch, { recursive: true });
  });

  function newTarget(): string {
    targets += 1;
    return makeQueueDirectory(join(scratch, `target-${targets}`));
  }

  function restoreArgs(target: string): string[] {
    return ['restore', '-q', '-j', ...optionsFor(target), archive];
  }

  function slowly(target: string): Surroundings {
    return { environment: shim.environment({ below: target, delayMicroseconds: 3000 }) };
  }

  test('takes one restore at a time: of two that start together one works, the other ends with 75', async () => {
    for (let round = 0; round < 2; round += 1) {
      const target = newTarget();
      const [one, other] = [start(restoreArgs(target), slowly(target)), start(restoreArgs(target), slowly(target))];
      const ends = [await one.ended, await other.ended];
      expect(ends.map(({ status }) => status ?? -1).sort((one, other) => one - other)).toEqual([0, 75]);
      const loser = ends.find(({ status }) => status === 75);
      expect(loser?.stderr).toMatch(new RegExp(`process \\d+ on ${hostname()}, for `, 'u'));
      expect(faultsOf(source, target)).toEqual([]);
    }
  });

  test('is free again when its restore was killed', async () => {
    const target = newTarget();
    const first = start(restoreArgs(target), slowly(target));
    while (phaseOf(target) !== 'staging') {
      await sleep(2);
    }
    // However long the other takes to start, this one is still at it.
    for (const pid of [first.pid, ...childrenOf(first.pid)]) {
      signalTo(pid, 'SIGSTOP');
    }
    expect((await runToEnd(restoreArgs(target))).status).toBe(75);
    killAll(first.pid);
    await first.ended;
    expect(readdirSync(join(target, 'postsnap'))).toContain('lock');
    // It may have come as far as to have something to finish.
    expect(await runToEnd(restoreArgs(target))).toMatchObject({ status: 0 });
    expect(faultsOf(source, target)).toEqual([]);
  });

  test('is taken over from a dead process by one only', async () => {
    const target = newTarget();
    lockBy(target, { ...identifyProcess(), pid: 4_000_000 });
    const runs = Array.from({ length: 5 }, () => start(restoreArgs(target), slowly(target)));
    const ends = await Promise.all(runs.map(({ ended }) => ended));
    expect(ends.map(({ status }) => status ?? -1).sort((one, other) => one - other)).toEqual([0, 75, 75, 75, 75]);
    expect(faultsOf(source, target)).toEqual([]);
  });

  test.each([
    ['another host', { host: 'mx7.example.net', machine: 'ffff' }, 'process 4000000 on mx7.example.net, for '],
    ['another container', { pidNamespace: 'pid:[1]' }, `process 4000000 on ${hostname()}, for `],
  ])('that is locked from %s is left alone, and the holder named', async (_, where, named) => {
    const target = newTarget();
    lockBy(target, { ...identifyProcess(), pid: 4_000_000, ...where });
    const before = readFileSync(join(target, 'postsnap/lock'), 'utf8');
    const { status, stdout, stderr } = await runToEnd(restoreArgs(target));
    expect([status, stdout]).toEqual([75, '']);
    expect(stderr).toContain(named);
    expect(stderr).toContain(`remove ${target}/postsnap/lock`);
    expect(readFileSync(join(target, 'postsnap/lock'), 'utf8')).toBe(before);
  });

  test('with a lock that can’t be read is busy, too', async () => {
    const target = newTarget();
    mkdirSync(join(target, 'postsnap'));
    writeFileSync(join(target, 'postsnap/lock'), '');
    chownSync(join(target, 'postsnap'), OWNER.uid, OWNER.gid);
    chownSync(join(target, 'postsnap/lock'), OWNER.uid, OWNER.gid);
    const { status, stderr } = await runToEnd(restoreArgs(target));
    expect([status, stderr]).toEqual([75, expect.stringContaining("it can't be told who has the lock")]);
  });

  test('may be backed up meanwhile', async () => {
    const target = newTarget();
    lockBy(target, identifyProcess());
    const args = ['backup', '-q', ...optionsFor(target), join(scratch, 'meanwhile.tar.zst')];
    expect(await runToEnd(args)).toMatchObject({ status: 0, stderr: '' });
  });

  function lockBy(target: string, owner: ReturnType<typeof identifyProcess>): void {
    mkdirSync(join(target, 'postsnap'), { mode: 0o700 });
    const record = { owner, nonce: 'a'.repeat(32), since: Date.now() - 60_000 };
    writeFileSync(join(target, 'postsnap/lock'), `${JSON.stringify(record)}\n`);
    chownSync(join(target, 'postsnap'), OWNER.uid, OWNER.gid);
    chownSync(join(target, 'postsnap/lock'), OWNER.uid, OWNER.gid);
  }
});
