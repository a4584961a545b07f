/** A restore in the queue, all of it: open, survey, plan, stage, carry out. */

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BusyError } from '../../../src/errors.ts';
import { lockState } from '../../../src/journal/state-lock.ts';
import { type RestoreSetup, restoreWork } from '../../../src/restore/restore-work.ts';
import { fixture, makeTarget, requestFor, sampleArchive, type Target, workOn } from '../../support/restore/world.ts';

async function restoreInto(target: Target, options: Partial<RestoreSetup['options']> = {}) {
  return workOn(target, await requestFor(await sampleArchive(), options));
}

const held = (target: Target): string[] => readdirSync(join(target.queueDirectory, 'hold'));

describe('a restore', () => {
  it('puts every message where it was, ready, byte by byte, and tells each', { timeout: 30_000 }, async () => {
    const target = makeTarget();
    const { report, rows } = await restoreInto(target);
    expect(report).toMatchObject({ restored: 2, failed: 0, damaged: 0, dry_run: false });
    expect(restoreWork.isReport(JSON.parse(JSON.stringify(report)))).toBe(true);
    const [name = ''] = held(target);
    const path = join(target.queueDirectory, 'hold', name);
    expect(readFileSync(path).equals(fixture('always-bcc.queue'))).toBe(true);
    expect(statSync(path).mode & 0o777).toBe(0o700);
    expect(rows.map((row) => ('outset' in row ? 'outset' : row.mapping.action))).toEqual([
      'outset',
      'restored',
      'restored',
    ]);
    expect(rows.every((row) => restoreWork.isRow(JSON.parse(JSON.stringify(row))))).toBe(true);
  });

  it('for trial changes nothing, and says the same', { timeout: 30_000 }, async () => {
    const target = makeTarget();
    const before = readdirSync(target.queueDirectory, { recursive: true });
    const { report } = await restoreInto(target, { dryRun: true });
    expect(report).toMatchObject({ restored: 2, dry_run: true });
    expect(readdirSync(target.queueDirectory, { recursive: true })).toEqual(before);
  });

  it('gives its lock back, also after an error, and takes no lock that another has', { timeout: 30_000 }, async () => {
    const target = makeTarget();
    const lock = lockState(target.surroundings.fs, target.queueDirectory);
    await expect(restoreInto(target)).rejects.toThrow(BusyError);
    expect(held(target)).toEqual([]);
    lock.release();
    await restoreInto(target);
    lockState(target.surroundings.fs, target.queueDirectory).release();
  });
});

it('knows no report of another work for its own', () => {
  expect([restoreWork.isReport({ restored: 1 }), restoreWork.isRow({ mapping: 'text' })]).toEqual([false, false]);
});
