import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Running, runToEnd, signalTo, start } from '../support/process/process.ts';
import { faultsOf } from '../support/torture/judge.ts';
import { phaseOf, stagedCount } from '../support/torture/phases.ts';
import { census, portrait } from '../support/torture/queue-census.ts';
import { makeArchive, makeQueueDirectory, openScratch, optionsFor } from '../support/torture/queues.ts';
import { compiler, describeWith, root } from '../support/torture/requirements.ts';
import { compileShim, type Shim } from '../support/torture/shim.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const SIGNALS = [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const;

const MESSAGES = 120;

// A slow disk, played by a library between the built command and the system, gives the time to hit each phase.
describeWith([root, compiler], 'a signal', () => {
  let scratch: string;
  let shim: Shim;
  let source: string;
  let archive: string;
  let targets = 0;

  beforeAll(() => {
    scratch = openScratch();
    shim = compileShim(scratch);
    ({ source, archive } = makeArchive(scratch, MESSAGES));
  });
  afterAll(() => {
    rmSync(scratch, { recursive: true });
  });

  function newTarget(): string {
    targets += 1;
    return makeQueueDirectory(join(scratch, `target-${targets}`));
  }

  function restoreSlowly(target: string): Running {
    const environment = shim.environment({ below: target, delayMicroseconds: 4000 });
    return start(['restore', '-j', ...optionsFor(target), archive], { environment, ownGroup: true });
  }

  async function until(running: Running, predicate: () => boolean): Promise<void> {
    while (!predicate()) {
      expect(running.hasEnded(), 'it ended before it could be hit').toBe(false);
      await sleep(2);
    }
  }

  async function finish(target: string): Promise<void> {
    const ended = await runToEnd(['restore', '-q', '-j', ...optionsFor(target), archive]);
    expect(ended).toMatchObject({ status: 0, stderr: expect.not.stringContaining('fatal') });
    expect(JSON.parse(ended.stdout)).toMatchObject({ failed: 0, damaged: 0 });
    expect(faultsOf(source, target)).toEqual([]);
  }

  describe.each(SIGNALS)('%s', (signal, status) => {
    test('while staging removes what is staged', async () => {
      const target = newTarget();
      const before = portrait(target);
      const running = restoreSlowly(target);
      await until(running, () => stagedCount(target) > 20);
      signalTo(running.pid, signal);
      const ended = await running.ended;
      expect(ended).toMatchObject({ status, stdout: '' });
      expect(ended.stderr).toBe(`postsnap: fatal: interrupted by ${signal}; the queue is as it was\n`);
      // All that has been made is the empty state directory.
      expect(readdirSync(join(target, 'postsnap'))).toEqual([]);
      expect(portrait(target).filter((line) => !line.startsWith('postsnap '))).toEqual(before);
      await finish(target);
    });

    test('to the whole group once the journal is sealed ends between two messages, and tells how to go on', async () => {
      const target = newTarget();
      const running = restoreSlowly(target);
      await until(running, () => phaseOf(target) === 'sealed');
      signalTo(-running.pid, signal);
      const ended = await running.ended;
      expect(ended).toMatchObject({ status, stdout: '' });
      expect(ended.stderr).toBe(`postsnap: fatal: interrupted by ${signal}; the same command goes on\n`);
      expect(phaseOf(target)).toBe('sealed');
      expect(existsSync(join(target, 'postsnap/lock'))).toBe(false);
      await finish(target);
    });
  });

  test('to the whole group at any moment is never taken for something else', async () => {
    for (let delay = 100; delay < 1500; delay += 230) {
      const target = newTarget();
      const running = restoreSlowly(target);
      await sleep(delay);
      signalTo(-running.pid, 'SIGTERM');
      const ended = await running.ended;
      // Before Node has taken over its signals they end it in the system's way.
      expect(ended.status === 143 || ended.signal === 'SIGTERM' || ended.status === 0, ended.stderr).toBe(true);
      await finish(target);
    }
  });

  test('a second SIGINT ends at once, and the journal holds', async () => {
    for (const phase of ['staging', 'sealed'] as const) {
      const target = newTarget();
      const running = restoreSlowly(target);
      await until(running, () => phaseOf(target) === phase);
      signalTo(running.pid, 'SIGINT');
      signalTo(running.pid, 'SIGINT');
      await sleep(5);
      signalTo(running.pid, 'SIGINT');
      expect(await running.ended).toMatchObject({ status: 130 });
      await finish(target);
    }
  });

  test('to a backup leaves no archive and no temporary file', async () => {
    for (const [signal, status] of SIGNALS) {
      const directory = join(scratch, `archives-${signal}`);
      makeQueueDirectory(directory);
      const names = readdirSync(directory);
      const environment = shim.environment({ below: directory, delayMicroseconds: 300_000 });
      const args = ['backup', ...optionsFor(source), join(directory, 'a.tar.zst')];
      const running = start(args, { environment });
      await until(running, () => readdirSync(directory).length > names.length);
      signalTo(running.pid, signal);
      const ended = await running.ended;
      expect([ended.status, ended.stdout]).toEqual([status, '']);
      expect(ended.stderr).toBe(`postsnap: fatal: interrupted by ${signal}; no archive was written\n`);
      expect(readdirSync(directory)).toEqual(names);
    }
    expect(census(source).length).toBeGreaterThan(MESSAGES);
  });
});
