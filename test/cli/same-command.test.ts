/** A command that was cut off is given again as it was: it begins anew, and is never told that its file exists. */

import { existsSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { killAll, runToEnd, signalTo, start } from '../support/process/process.ts';
import { seeded } from '../support/torture/kill-loop.ts';
import { makeArchive, makeQueueDirectory, openScratch, optionsFor } from '../support/torture/queues.ts';
import { describeWith, root } from '../support/torture/requirements.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 });

const HOUR_MS = 3_600_000;

describeWith([root], 'a command that was cut off', () => {
  let scratch: string;
  let source: string;
  let archive: string;
  beforeAll(() => {
    scratch = openScratch();
    ({ source, archive } = makeArchive(scratch, 2500));
  });
  afterAll(() => {
    rmSync(scratch, { recursive: true });
  });

  const backup = (path: string) => ['backup', '--verify', '-vv', ...optionsFor(source), path];
  const temporaries = () => readdirSync(scratch).filter((name) => name.endsWith('.tmp'));
  function age(hours: number): void {
    for (const name of temporaries()) {
      const then = new Date(Date.now() - hours * HOUR_MS);
      utimesSync(join(scratch, name), then, then);
    }
  }

  describe('backup --verify', () => {
    test.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)(
      'by %s while it verifies has no archive yet',
      async (signal) => {
        const path = join(scratch, `${signal}.tar.zst`);
        const running = start(backup(path));
        while (!running.stderrSoFar().includes('verifying')) {
          expect(running.hasEnded()).toBe(false);
          await sleep(2);
        }
        signalTo(running.pid, signal);
        const { status } = await running.ended;
        expect(status).toBe({ SIGINT: 130, SIGTERM: 143, SIGKILL: null }[signal]);
        expect(existsSync(path)).toBe(false);
        expect(temporaries()).toHaveLength(signal === 'SIGKILL' ? 1 : 0);
        expect(await runToEnd(backup(path))).toMatchObject({ status: 0 });
        age(2);
        expect(await runToEnd(['backup', '-q', '--queues', 'hold', ...optionsFor(source), `${path}.2`])).toMatchObject({
          status: 0,
        });
        expect(temporaries()).toEqual([]);
      },
    );

    test('at any moment leaves a whole archive or none, and the same command gives the archive', async () => {
      const random = seeded(19);
      const path = join(scratch, 'any.tar.zst');
      let kills = 0;
      for (let run = 1; run <= 8; run += 1) {
        const running = start(backup(path));
        await Promise.race([running.ended, sleep(200 + random() * 1500)]);
        killAll(running.pid);
        const { signal } = await running.ended;
        kills += signal === 'SIGKILL' ? 1 : 0;
        if (existsSync(path)) {
          expect(await runToEnd(['verify', path])).toMatchObject({ status: 0 });
          rmSync(path);
        }
      }
      expect(kills).toBeGreaterThan(2);
      expect(await runToEnd(backup(path))).toMatchObject({ status: 0 });
      age(2);
      await runToEnd(['backup', '-q', '--queues', 'hold', ...optionsFor(source), `${path}.2`]);
      expect(temporaries()).toEqual([]);
    });
  });

  test('backup into a store, by SIGINT while it verifies, says that the snapshot is there, and what verifies it', async () => {
    const store = join(scratch, 'a store');
    const running = start(['backup', '-v', '--store', store, ...optionsFor(source)]);
    while (!running.stderrSoFar().includes('verifying')) {
      expect(running.hasEnded()).toBe(false);
      await sleep(2);
    }
    signalTo(running.pid, 'SIGINT');
    const { status, stderr } = await running.ended;
    const [, told, words = ''] =
      /interrupted by SIGINT: (the snapshot is in the store, and is not verified)\. `postsnap (.*)` does it$/mu.exec(
        stderr,
      ) ?? [];
    expect([status, told], stderr).toEqual([130, 'the snapshot is in the store, and is not verified']);
    expect(
      await runToEnd(
        words
          .replace(`'${store}'`, 'STORE')
          .split(' ')
          .map((word) => (word === 'STORE' ? store : word)),
      ),
    ).toMatchObject({ status: 0 });
    const { stdout } = await runToEnd(['snapshots', '-j', '--store', store]);
    expect(JSON.parse(stdout)).toMatchObject({ verified: expect.any(String) });
  });

  test('restore --map leaves no map, and its next run sweeps what is left of it', async () => {
    const target = makeQueueDirectory(join(scratch, 'target'));
    const map = join(scratch, 'map.jsonl');
    const restore = ['restore', '-vv', '--map', map, ...optionsFor(target), archive];
    const running = start(restore);
    while (temporaries().length === 0) {
      expect(running.hasEnded()).toBe(false);
      await sleep(2);
    }
    killAll(running.pid);
    await running.ended;
    expect(existsSync(map)).toBe(false);
    expect(temporaries()).toHaveLength(1);
    age(2);
    expect(await runToEnd(restore)).toMatchObject({ status: 0 });
    expect(existsSync(map)).toBe(true);
    expect(temporaries()).toEqual([]);
  });
});
