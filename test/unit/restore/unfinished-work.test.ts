/** Restores that were cut off, in a real queue: told, finished, or given up. */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { BusyError } from '../../../src/errors.ts';
import { lockState } from '../../../src/journal/state-lock.ts';
import {
  type UnfinishedReport,
  type UnfinishedRow,
  type UnfinishedSetup,
  unfinishedWork,
} from '../../../src/restore/unfinished-work.ts';
import { stageInto } from '../../support/restore/staged.ts';
import { configurationFor, makeTarget, ownerSurroundings, type Target } from '../../support/restore/world.ts';

vi.setConfig({ testTimeout: 30_000 });

let target: Target;

beforeEach(async () => {
  target = makeTarget();
});

async function work(
  action: UnfinishedSetup['action'],
): Promise<{ readonly report: UnfinishedReport; readonly rows: readonly UnfinishedRow[] }> {
  const surroundings = ownerSurroundings<UnfinishedRow>(target);
  const configuration = configurationFor(target.queueDirectory);
  const report = await unfinishedWork.run({ action, configuration, running: false }, surroundings);
  return { report, rows: surroundings.rows };
}

const held = (): string[] => readdirSync(join(target.queueDirectory, 'hold'));

describe('a restore that was cut off before its journal was carried out', () => {
  beforeEach(async () => {
    await stageInto(target);
  });

  it('is told, and nothing is done', async () => {
    const { report, rows } = await work('tell');
    expect(report.pending).toMatchObject([{ messages: 2, ready: 0, waiting: 2, rate: null, seconds_left: null }]);
    expect([report.at_work, report.restored_before, rows, held()]).toEqual([null, 0, [], []]);
    expect(unfinishedWork.isReport(JSON.parse(JSON.stringify(report)))).toBe(true);
  });

  it('is finished: each message is told where it went', async () => {
    const { report, rows } = await work('finish');
    expect(report).toMatchObject({ restored: 2, failed: 0, abandoned: 0, pending: [], restored_before: 1 });
    const went = rows.map(({ mapping }) => `${mapping.action}: ${mapping.queue_name} to ${mapping.new_queue_name}`);
    expect(went.sort()).toEqual(['restored: deferred to deferred', 'restored: hold to hold']);
    expect(rows.map(({ mapping }) => mapping.new_queue_id)).toContain(held()[0]);
    expect(rows.every((row) => unfinishedWork.isRow(JSON.parse(JSON.stringify(row))))).toBe(true);
  });

  it('is given up: nothing of it is left, and nothing was restored', async () => {
    const { report, rows } = await work('abandon');
    expect(report).toMatchObject({ abandoned: 2, restored: 0, pending: [], restored_before: 0, aside: [] });
    expect([rows, held(), readdirSync(join(target.queueDirectory, 'postsnap'))]).toEqual([[], [], []]);
  });

  it('waits while another works on the queue, who is told', async () => {
    const lock = lockState(target.surroundings.fs, target.queueDirectory);
    await expect(work('finish')).rejects.toThrow(BusyError);
    const { report } = await work('tell');
    lock.release();
    expect(report.at_work).toMatchObject({ pid: process.pid });
    expect(report.pending).toHaveLength(1);
    expect(held()).toEqual([]);
  });
});

it('finishes nothing where nothing waits', async () => {
  const { report } = await work('finish');
  expect(report).toMatchObject({ restored: 0, failed: 0, pending: [], restored_before: 0 });
});

it('knows no report of another work for its own', () => {
  expect([unfinishedWork.isReport({ pending: 1 }), unfinishedWork.isRow({ mapping: 'text' })]).toEqual([false, false]);
});
