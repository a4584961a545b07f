/**
 * Thirty nights of backups into a store, by a clock that is passed in: nights that fail, nights that are cut off, nights
 * without a backup, and clocks that jump. After each, the store holds what the rules say, told here in another way; a
 * night that failed says why in one line, its metrics tell the truth, and a night after it with nothing wrong succeeds.
 */

import { dirname } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { writeMetricsFile } from '../../src/cli/output/metrics-file.ts';
import { findMetric } from '../../src/cli/output/metrics-text.ts';
import { fatalText } from '../../src/cli/output/stderr-line.ts';
import { DAMAGED, DONE, exitStatusOf, IO_ERROR } from '../../src/cli/process/exit-status.ts';
import { NO_RULES } from '../../src/store/retention.ts';
import { nothingMore } from '../support/disk/crash-choice.ts';
import { Crash, Faults, faultyFileSystem } from '../support/disk/faults.ts';
import { readWhole } from '../support/disk/tree.ts';
import { areWhole, newStoreDisk, runNight, snapshotsOn } from '../support/store/sample-store.ts';
import { runs } from './runs.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const HOUR_MS = 60 * 60 * 1000;
const SECOND_MS = 1000;
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
  'bad disk',
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

const METRICS = '/metrics/postsnap.prom';
interface Told {
  readonly attempt: number | undefined;
  readonly status: number | undefined;
  readonly success: number | undefined;
}

/** What monitoring sees, in milliseconds. */
function toldOn(disk: ReturnType<typeof newStoreDisk>): Told {
  const text = disk.lstat(METRICS) === undefined ? '' : Buffer.from(readWhole(disk, METRICS)).toString();
  const value = (name: string) => findMetric(text, `postsnap_backup_${name}`);
  const milliseconds = (seconds: number | undefined, since = 0) =>
    seconds === undefined ? undefined : Math.round(seconds * 1000) - since;
  return {
    attempt: milliseconds(value('last_attempt_timestamp_seconds')),
    status: value('exit_status'),
    success: milliseconds(value('last_success_timestamp_seconds'), SECOND_MS),
  };
}

interface Outcome {
  readonly isProven: boolean;
  readonly error?: unknown;
}

function statusOf({ isProven, error }: Outcome): number {
  if (error !== undefined) {
    return exitStatusOf(error);
  }
  return isProven ? DONE : DAMAGED;
}

/** What is said and written of a backup that ended by itself; one that was cut off does neither. */
function tell(
  disk: ReturnType<typeof newStoreDisk>,
  time: number,
  { outcome, told }: { readonly outcome: Outcome; readonly told: Told },
): Told {
  if (outcome.error instanceof Crash) {
    return told;
  }
  const exitStatus = statusOf(outcome);
  if (outcome.error !== undefined) {
    expect(exitStatus).toBe(IO_ERROR);
    expect(fatalText(outcome.error)).toMatch(/^postsnap: fatal: [^\n]+\n$/u);
  }
  const verified = outcome.isProven ? time : undefined;
  const run = { began: time, ended: time + SECOND_MS, exitStatus, taken: undefined, verified, store: undefined };
  writeMetricsFile(disk, METRICS, run);
  return { attempt: time, status: exitStatus, success: outcome.isProven ? time : told.success };
}

/** Runs a night; returns the disk as it is on the next morning, and how the backup ended. */
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
  } else if (night.event === 'bad disk') {
    faults.failFrom(night.cut, 'EIO', new Set(['write', 'fsync', 'read']));
  }
  const outcome: Outcome = await runNight(faultyFileSystem(disk, faults), {
    number,
    time,
    rules: RULES,
    isIntact: night.event !== 'not whole',
    fail: night.event === 'fails' ? 'taking' : undefined,
  }).then(
    ({ proven }) => ({ isProven: proven === true }),
    (error: unknown) => ({ isProven: false, error }),
  );
  return { disk: night.event === 'power loss' && faults.crashed ? disk.afterCrash(nothingMore) : disk, outcome };
}

it('thirty nights with failures, gaps and clock jumps leave exactly what the rules say', async () => {
  await fc.assert(
    fc.asyncProperty(nights, async (all) => {
      let time = FIRST;
      let disk = newStoreDisk(() => BigInt(time) * 1_000_000n);
      disk.mkdir(dirname(METRICS), 0o755);
      let told: Told = { attempt: undefined, status: undefined, success: undefined };
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
        told = tell(disk, time, { outcome: morning.outcome, told });
        expect(toldOn(disk), `night ${number}`).toEqual(told);
        expect(morning.outcome.isProven || night.event !== 'good', `night ${number}`).toBe(true);
        const after = await keptOn(disk);
        expect(areWhole(disk, await snapshotsOn(disk))).toBe(true);
        const numbers = after.map((kept) => kept.number).sort((a, b) => a - b);
        const added = { number, time, verified: true };
        if (morning.outcome.isProven) {
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
