/**
 * Thirty nights of backups into a store, by a clock that is passed in: nights that fail, nights that are cut off, nights
 * without a backup, and clocks that jump. After each, the store holds what the rules say, told here in another way.
 */

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { NO_RULES } from '../../src/store/retention.ts';
import { nothingMore } from '../support/disk/crash-choice.ts';
import { Faults, faultyFileSystem } from '../support/disk/faults.ts';
import { areWhole, newStoreDisk, runNight, snapshotsOn } from '../support/store/sample-store.ts';
import { runs } from './runs.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const HOUR_MS = 60 * 60 * 1000;
const FIRST = Date.parse('2025-11-01T03:15:00Z');
const NIGHTS = 30;
const DAILY = 7;
const LAST = 3;
const RULES = { ...NO_RULES, last: LAST, daily: DAILY };

const events = fc.constantFrom(
  'good',
  'good',
  'good',
  'good',
  'none',
  'fails',
  'full disk',
  'not whole',
  'killed',
  'power loss',
);
const jumps = fc.oneof(
  { weight: 12, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.constantFrom(-3 * DAY_MS, -HOUR_MS, 2 * DAY_MS, 400 * DAY_MS) },
);
const nights = fc.array(fc.record({ event: events, jump: jumps, cut: fc.integer({ min: 0, max: 60 }) }), {
  minLength: NIGHTS,
  maxLength: NIGHTS,
});

interface Kept {
  readonly number: number;
  readonly time: number;
  readonly verified: boolean;
}

/** What the rules leave of these, told by counting days backwards from the newest. */
function expectedOf(snapshots: readonly Kept[], now: number): number[] {
  const newestFirst = snapshots.toSorted((a, b) => b.time - a.time || b.number - a.number);
  const firstOfDay = new Map<string, Kept>();
  for (const snapshot of newestFirst) {
    const day = new Date(snapshot.time).toISOString().slice(0, 10);
    firstOfDay.set(day, firstOfDay.get(day) ?? snapshot);
  }
  const past = newestFirst.filter(({ time }) => time <= now);
  const kept = new Set([
    ...newestFirst.slice(0, LAST),
    ...[...firstOfDay.values()].slice(0, DAILY),
    ...newestFirst.filter(({ verified }) => verified).slice(0, 1),
    ...past.filter(({ verified }) => verified).slice(0, 1),
    ...past.slice(0, 2),
  ]);
  return [...kept].map(({ number }) => number).sort((a, b) => a - b);
}

async function keptOn(disk: ReturnType<typeof newStoreDisk>): Promise<Kept[]> {
  return (await snapshotsOn(disk)).map(({ shortId, time, verified }) => ({
    number: Number.parseInt(shortId, 16),
    time,
    verified: verified !== undefined,
  }));
}

type Night = typeof nights extends fc.Arbitrary<readonly (infer Value)[]> ? Value : never;

/** Runs a night; returns the disk as it is on the next morning, and whether the backup said that it succeeded. */
async function live(
  disk: ReturnType<typeof newStoreDisk>,
  night: Night,
  { number, time }: { number: number; time: number },
) {
  const faults = new Faults();
  if (night.event === 'killed' || night.event === 'power loss') {
    faults.crashAt(night.cut, 'after');
  } else if (night.event === 'full disk') {
    faults.failFrom(night.cut, 'ENOSPC', new Set(['write', 'mkdir', 'link']));
  }
  const ended = await runNight(faultyFileSystem(disk, faults), {
    number,
    time,
    rules: RULES,
    isIntact: night.event !== 'not whole',
    fail: night.event === 'fails' ? 'taking' : undefined,
  }).then(
    ({ proven }) => proven === true,
    () => false,
  );
  return { disk: night.event === 'power loss' && faults.crashed ? disk.afterCrash(nothingMore) : disk, ended };
}

it('thirty nights with failures, gaps and clock jumps leave exactly what the rules say', async () => {
  await fc.assert(
    fc.asyncProperty(nights, async (all) => {
      let time = FIRST;
      let disk = newStoreDisk(() => BigInt(time) * 1_000_000n);
      for (const [at, night] of all.entries()) {
        time += DAY_MS + night.jump;
        if (night.event === 'none') {
          continue;
        }
        // Within a day the kernel has written back all that a killed backup left unsynced.
        disk.settle();
        const before = await keptOn(disk);
        const number = at + 1;
        const morning = await live(disk, night, { number, time });
        disk = morning.disk;
        const after = await keptOn(disk);
        expect(areWhole(disk, await snapshotsOn(disk))).toBe(true);
        const numbers = after.map((kept) => kept.number).sort((a, b) => a - b);
        const added = { number, time, verified: true };
        if (morning.ended) {
          expect(numbers, `night ${number}`).toEqual(expectedOf([...before, added], time));
          expect(numbers).toContain(number);
        } else {
          // Nothing goes but what the rules let go, and nothing at all before the new one is there and was found whole.
          const least = after.some((kept) => kept.number === number && kept.verified)
            ? expectedOf([...before, added], time)
            : before.map((kept) => kept.number);
          expect(numbers, `night ${number}: ${night.event}`).toEqual(expect.arrayContaining(least));
        }
      }
    }),
    { numRuns: runs(40) },
  );
});
