import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { runToEnd } from '../support/process/process.ts';
import { faultsOf, isStray } from '../support/torture/judge.ts';
import { census } from '../support/torture/queue-census.ts';
import { makeArchive, makeQueueDirectory, openScratch, optionsFor } from '../support/torture/queues.ts';
import { compiler, describeWith, root } from '../support/torture/requirements.ts';
import { compileShim, type Shim, type ShimSettings } from '../support/torture/shim.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

// A server whose replies get lost, played by a library between the built command and the system.
describeWith([root, compiler], 'a file server that reports errors for what it did', () => {
  let scratch: string;
  let shim: Shim;
  let source: string;
  let archive: string;
  let target: string;
  let targets = 0;

  beforeAll(() => {
    scratch = openScratch();
    shim = compileShim(scratch);
    ({ source, archive } = makeArchive(scratch, 200));
  });
  afterAll(() => {
    rmSync(scratch, { recursive: true });
  });

  function newTarget(): string {
    targets += 1;
    target = makeQueueDirectory(join(scratch, `target-${targets}`));
    return target;
  }

  function restore(settings: Omit<ShimSettings, 'below'>) {
    const environment = shim.environment({ below: target, ...settings });
    return runToEnd(['restore', '-q', '-j', ...optionsFor(target), archive], { environment });
  }

  test.each([20, 60, 100])('does no harm at a rate of %i percent', async (percent) => {
    newTarget();
    const ended = await restore({ falsePercent: percent, createPercent: percent, seed: percent });
    expect(ended).toMatchObject({ status: 0, stderr: '' });
    expect(shim.takeCounts().falseErrors).toBeGreaterThan(800 * (percent / 100));
    expect(JSON.parse(ended.stdout)).toMatchObject({ restored: 200, failed: 0 });
    expect(faultsOf(source, target).filter((fault) => !isStray(fault))).toEqual([]);
  });

  test('and fails for good: nothing is touched', async () => {
    newTarget();
    const ended = await restore({ hardPermille: 1000 });
    expect(ended).toMatchObject({ status: 74, stdout: '' });
    expect(ended.stderr).toMatch(/^postsnap: fatal: .*(?:EIO|ESTALE)/u);
    expect(census(target)).toEqual([]);
  });

  test('and fails for good now and then: it ends with 74, and goes on', async () => {
    let errors = 0;
    let endings = 0;
    for (let seed = 1; seed <= 3; seed += 1) {
      newTarget();
      let status: number | null = null;
      for (let run = 0; run < 30 && status !== 0; run += 1) {
        const ended = await restore({ falsePercent: 30, createPercent: 10, hardPermille: 2, seed: seed * 100 + run });
        expect([0, 74], ended.stderr).toContain(ended.status);
        expect(ended.stderr).not.toContain('bug in postsnap');
        status = ended.status;
        endings += status === 0 ? 0 : 1;
      }
      errors += shim.takeCounts().hardErrors;
      const last = await runToEnd(['restore', '-q', '-j', ...optionsFor(target), archive]);
      expect(last).toMatchObject({ status: 0, stderr: '' });
      expect(faultsOf(source, target).filter((fault) => !isStray(fault))).toEqual([]);
    }
    expect(endings).toBeGreaterThan(1);
    expect(errors).toBeGreaterThanOrEqual(endings);
  });

  test('does no harm to a backup, and an error for good leaves no archive', async () => {
    const environment = (hardPermille: number) =>
      shim.environment({ below: scratch, falsePercent: 100, createPercent: 40, hardPermille, seed: 7 });
    const copy = join(scratch, 'copy.tar.zst');
    const args = (path: string) => ['backup', '-q', ...optionsFor(source), path];
    expect(await runToEnd(args(copy), { environment: environment(0) })).toMatchObject({ status: 0 });
    expect(await runToEnd(['verify', '-q', copy])).toMatchObject({ status: 0 });
    expect(readdirSync(scratch).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    const never = join(scratch, 'never.tar.zst');
    expect(await runToEnd(args(never), { environment: environment(1000) })).toMatchObject({ status: 74 });
    expect(await runToEnd(['verify', never])).toMatchObject({ status: 66 });
    expect(readdirSync(scratch).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});
