/**
 * A store is cut off at every call of a backup into it, of a prune and of a pin, and every state of the disk that a power
 * loss may leave is looked at: no archive is half, what holds whatever the rules is there, and the next run does the rest.
 */

import { beforeAll, describe, expect, it } from 'vitest';
import type { FileSystem } from '../../src/fs/file-system.ts';
import { pin, unpin } from '../../src/keep/pin.ts';
import { prune } from '../../src/keep/prune.ts';
import { NO_RULES } from '../../src/store/retention.ts';
import { crashChoices, everything, nothingMore } from '../support/disk/crash-choice.ts';
import { CHANGING_CALLS, Crash, type CrashMoment, Faults, faultyFileSystem } from '../support/disk/faults.ts';
import type { SimulatedFileSystem } from '../support/disk/simulated-file-system.ts';
import { areWhole, type Night, newStoreDisk, runNight, snapshotsOn } from '../support/store/sample-store.ts';
import { storeOn } from '../support/store/stored.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const FIRST = Date.parse('2025-11-20T03:15:00Z');
const KEPT = 3;
const RULES = { ...NO_RULES, last: KEPT };
const SEEDS = 8;
const MOMENTS: readonly CrashMoment[] = ['before', 'during', 'after'];

const nightOf = (number: number, rules: Night['rules']): Night => ({ number, time: FIRST + number * DAY_MS, rules });

/** Five nights: the first is pinned, the last two were not found whole. */
async function fiveNights(): Promise<SimulatedFileSystem> {
  const disk = newStoreDisk();
  for (const number of [1, 2, 3, 4, 5]) {
    await runNight(disk, { ...nightOf(number, undefined), isIntact: number <= 3 });
  }
  await pin({ store: storeOn(disk), snapshot: '00000001', now: FIRST });
  disk.settle();
  return disk;
}

/** The numbers of the archives on a disk. */
async function numbersOn(disk: FileSystem): Promise<number[]> {
  return (await snapshotsOn(disk)).map(({ shortId }) => Number.parseInt(shortId, 16));
}

/** The calls that change the disk: a cut before any other is a cut before the next of these. */
function changing(faults: Faults): number[] {
  return faults.calls.filter(({ name }) => CHANGING_CALLS.has(name)).map(({ index }) => index);
}

interface Trial {
  readonly work: (fs: FileSystem) => Promise<unknown>;
  /** Archives that are there at every moment. */
  readonly always: readonly number[];
  /** What is there when the work was done. */
  readonly finally: readonly number[];
}

const TRIALS: Readonly<Record<string, Trial>> = {
  'a backup': {
    work: (fs) => runNight(fs, nightOf(6, RULES)),
    // 1 is pinned, 3 the newest that was found whole until 6 is; 4 and 5 the last two until 6 is there.
    always: [1, 4, 5],
    finally: [1, 4, 5, 6],
  },
  'a prune': {
    work: (fs) => prune({ store: storeOn(fs), rules: { ...NO_RULES, last: 1 }, now: FIRST + 6 * DAY_MS }),
    always: [1, 3, 4, 5],
    finally: [1, 3, 4, 5],
  },
  'a pin': {
    work: (fs) => pin({ store: storeOn(fs), snapshot: '00000002', now: FIRST }),
    always: [1, 2, 3, 4, 5],
    finally: [1, 2, 3, 4, 5],
  },
  'an unpin': {
    work: (fs) => unpin({ store: storeOn(fs), snapshot: '00000001', now: FIRST }),
    always: [1, 2, 3, 4, 5],
    finally: [1, 2, 3, 4, 5],
  },
};

async function expectPromises(image: SimulatedFileSystem, { always }: Trial, title: string): Promise<void> {
  const snapshots = await snapshotsOn(image);
  expect(areWhole(image, snapshots), title).toBe(true);
  expect(await numbersOn(image), title).toEqual(expect.arrayContaining([...always]));
  expect(
    snapshots.some(({ shortId, verified }) => verified !== undefined && Number.parseInt(shortId, 16) >= 3),
    `${title}: the newest verified`,
  ).toBe(true);
}

describe.each(Object.entries(TRIALS))('%s', (name, trial) => {
  let calls: number[] = [];
  beforeAll(async () => {
    const faults = new Faults();
    const disk = await fiveNights();
    await trial.work(faultyFileSystem(disk, faults));
    calls = changing(faults);
    expect(await numbersOn(disk)).toEqual(trial.finally);
  });

  it.each(MOMENTS)('cut off %s any call keeps its promises, and the next run does the rest', async (moment) => {
    expect(calls.length).toBeGreaterThan(1);
    for (const index of calls) {
      const disk = await fiveNights();
      const cut = trial.work(faultyFileSystem(disk, new Faults().crashAt(index, moment)));
      await expect(cut).rejects.toBeInstanceOf(Crash);
      for (const choice of crashChoices(SEEDS)) {
        const image = disk.afterCrash(choice);
        const title = `${name}, ${moment} call ${index}, ${choice.title}`;
        await expectPromises(image, trial, title);
        if (name !== 'a backup') {
          await trial.work(image);
          expect(await numbersOn(image), title).toEqual(trial.finally);
        }
      }
    }
  });

  it('is durable when it is done', async () => {
    const disk = await fiveNights();
    await trial.work(disk);
    const done = await snapshotsOn(disk);
    for (const choice of crashChoices(SEEDS)) {
      expect(await snapshotsOn(disk.afterCrash(choice)), choice.title).toEqual(done);
    }
  });
});

describe('the first backup into a store', () => {
  it('is durable when it is done, and so is the directory of its line', async () => {
    const disk = newStoreDisk();
    await runNight(disk, nightOf(1, RULES));
    for (const choice of crashChoices(SEEDS)) {
      expect(await numbersOn(disk.afterCrash(choice)), choice.title).toEqual([1]);
    }
  });

  it('is durable where another made the directory, and was cut off before its name was', async () => {
    const disk = newStoreDisk();
    disk.mkdir('/store/mail.example.org', 0o700);
    await runNight(disk, nightOf(1, RULES));
    expect(await numbersOn(disk.afterCrash(nothingMore))).toEqual([1]);
  });
});

describe('after a backup that was cut off', () => {
  it.each(MOMENTS)('%s any call, the next night succeeds, and what was half done is swept', async (moment) => {
    const faults = new Faults();
    await runNight(faultyFileSystem(await fiveNights(), faults), nightOf(6, RULES));
    for (const index of changing(faults)) {
      const disk = await fiveNights();
      const plan = new Faults().crashAt(index, moment);
      await expect(runNight(faultyFileSystem(disk, plan), nightOf(6, RULES))).rejects.toBeInstanceOf(Crash);
      const image = disk.afterCrash(index % 2 === 0 ? nothingMore : everything);
      // The disk's own clock is what strays are dated by.
      const later = Date.now() + 1000 * DAY_MS;
      const kept = await runNight(image, { number: 7, time: later, rules: RULES });
      expect(kept.proven).toBe(true);
      expect(areWhole(image, await snapshotsOn(image)), `call ${index}`).toBe(true);
      expect(await numbersOn(image)).toEqual(expect.arrayContaining([1, 5, 7]));
      expect(image.readdir('/store'), `call ${index}`).toEqual(['mail.example.org']);
    }
  });
});
