import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { judgeLine, type KeepRules, type KeptBy, NO_RULES } from '../../src/store/retention.ts';
import { parseSpan } from '../../src/store/span.ts';
import { describeWithProgram } from '../support/process/programs.ts';
import { ResticRepository, type ResticSnapshot, type ResticVerdict } from '../support/store/restic.ts';
import { runs } from './runs.ts';

const SNAPSHOTS_OF_A_HOST = 12;
const TAGS = ['a', 'b', 'c'];
const SECOND = 1000;
const HOUR = 3600 * SECOND;
const DAY = 24 * HOUR;
const NOW = Date.now();

/** Times at random, and such as lie at the borders of days, weeks, months and years. */
const border = fc
  .integer({ min: 2019, max: 2026 })
  .chain((year) =>
    fc.constantFrom(
      Date.UTC(year, 0, 1),
      Date.UTC(year, 11, 31, 23, 59, 59),
      Date.UTC(year, 1, 28),
      Date.UTC(year, 2, 31, 12),
      Date.UTC(year, 4, 31, 12),
      Date.UTC(year, 5, 30, 12),
    ),
  );
const offset = fc.integer({ min: -4 * 24 * 60, max: 4 * 24 * 60 }).map((minutes) => minutes * 60 * SECOND);
const lately = fc.integer({ min: -30 * 24 * 3600, max: 3 * 24 * 3600 }).map((seconds) => NOW + seconds * SECOND);
const wholeSeconds = (time: number) => Math.floor(time / SECOND) * SECOND;
const timesOf: Readonly<Record<string, fc.Arbitrary<number>>> = {
  often: fc.tuple(lately, fc.constantFrom(0, 60, 3599, 3600)).map(([time, more]) => wholeSeconds(time) + more * SECOND),
  seldom: fc.tuple(border, offset).map(([time, more]) => time + more),
  nightly: fc.integer({ min: -400, max: 3 }).map((days) => wholeSeconds(NOW) + days * DAY),
};

const HOSTS = Object.keys(timesOf);

function snapshotsFor(seed: number): ResticSnapshot[] {
  return HOSTS.flatMap((host, at) => {
    const times = fc.sample(fc.uniqueArray(timesOf[host] ?? border, { minLength: 40, maxLength: 60 }), {
      seed: seed + at,
      numRuns: 1,
    })[0];
    return (times ?? []).slice(0, SNAPSHOTS_OF_A_HOST).map((time, nr) => ({
      host,
      time,
      tags: TAGS.filter((_, bit) => bit === 0 || ((nr >> bit) & 1) === 0),
    }));
  });
}

const count = fc.oneof(
  { weight: 3, arbitrary: fc.constant(0) },
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 6 }) },
);
const span = fc.option(fc.constantFrom('1h', '14d', '1m', '3m', '1y', '2y5m7d3h', '400d'), { nil: undefined });
const policies = fc.record({
  last: count,
  hourly: count,
  daily: count,
  weekly: count,
  monthly: count,
  yearly: count,
  within: span,
});
type Policy = typeof policies extends fc.Arbitrary<infer Value> ? Value : never;

function optionsOf({ within, ...counts }: Policy): string[] {
  const numbers = Object.entries(counts).filter(([, number]) => number > 0);
  const options = numbers.flatMap(([rule, number]) => [`--keep-${rule}`, String(number)]);
  return within === undefined ? options : [...options, '--keep-within', within];
}

function rulesOf({ within, ...counts }: Policy): KeepRules {
  return { ...counts, within: within === undefined ? undefined : parseSpan(within) };
}

/** `last snapshot`, `within 14d`: the rule is the first word. */
function asReasons(matches: readonly string[]): string[] {
  return matches.map((match) => match.split(' ')[0] ?? '').sort();
}

const ALWAYS: ReadonlySet<KeptBy> = new Set<KeptBy>(['pinned', 'newest-verified', 'last-two']);

/** Our reasons by time, without what holds whatever the rules. */
function ourReasons(times: readonly number[], rules: KeepRules): Map<number, string[]> {
  const line = times.toSorted((a, b) => a - b).map((time) => ({ time, verified: undefined, pinned: false }));
  const verdicts = judgeLine(line, rules, Date.now());
  return new Map(
    verdicts.map(({ snapshot, keptBy }) => [snapshot.time, keptBy.filter((reason) => !ALWAYS.has(reason)).sort()]),
  );
}

interface Forgotten {
  readonly theirs: ResticVerdict;
  readonly snapshots: readonly ResticSnapshot[];
  readonly policy: Policy;
  /** The oldest of all is not compared. */
  readonly withoutOldest: boolean;
}

function expectTheSame({ theirs, snapshots, policy, withoutOldest }: Forgotten): void {
  const times = snapshots.filter(({ host }) => host === theirs.host).map(({ time }) => time);
  const expected = new Map(times.map((time) => [time, asReasons(theirs.kept.get(time) ?? [])]));
  const ours = ourReasons(times, rulesOf(policy));
  if (withoutOldest) {
    expected.delete(Math.min(...times));
    ours.delete(Math.min(...times));
  }
  expect(ours, `${theirs.host} ${JSON.stringify(policy)}`).toEqual(expected);
  expect(theirs.kept.size + theirs.removed.length).toBe(times.length);
}

describeWithProgram('restic', 'retention keeps what restic keeps, for the same reasons', () => {
  const rounds = Math.ceil(runs(1) / 25);
  describe.each(Array.from({ length: rounds }, (_, round) => round))('with the times of round %i', (round) => {
    const repository = new ResticRepository();
    const snapshots = snapshotsFor(round * 100);
    let withoutOldest = false;
    beforeAll(async () => {
      await repository.initialise();
      withoutOldest = await repository.keepsOldest();
      await repository.add(snapshots);
    }, 600_000);
    afterAll(() => repository.dispose());

    it('by any rules, of all or of some of them', async () => {
      const property = fc.asyncProperty(
        policies.filter((policy) => optionsOf(policy).length > 0),
        fc.constantFrom(...TAGS),
        async (policy, tag) => {
          const some = snapshots.filter(({ tags }) => tags.includes(tag));
          const verdicts = await repository.forget(tag, optionsOf(policy));
          expect(verdicts.map(({ host }) => host).sort()).toEqual([...HOSTS].sort());
          for (const theirs of verdicts) {
            expectTheSame({ theirs, snapshots: some, policy, withoutOldest });
          }
        },
      );
      await fc.assert(property, { numRuns: runs(20) / rounds, seed: round, endOnFailure: true });
    });
  });
});

const kept = fc.record({
  time: fc.integer({ min: 0, max: 3000 }).map((days) => days * DAY),
  verified: fc.option(fc.constant(1), { nil: undefined }),
  pinned: fc.boolean(),
});
const line = fc
  .uniqueArray(kept, { selector: ({ time }) => time, maxLength: 30 })
  .map((list) => list.toSorted((a, b) => a.time - b.time));
const anyRules = policies.map(rulesOf);
const anyNow = fc.integer({ min: 0, max: 3500 }).map((days) => days * DAY);

describe('whatever the rules', () => {
  const keptOf = (
    verdicts: readonly { readonly snapshot: { readonly time: number }; readonly keptBy: readonly KeptBy[] }[],
  ) => verdicts.filter(({ keptBy }) => keptBy.length > 0).map(({ snapshot }) => snapshot);

  it('the newest verified, the last two and the pinned ones are kept, by a right clock and by a wrong one', () => {
    fc.assert(
      fc.property(line, anyRules, anyNow, (snapshots, rules, now) => {
        const remaining = keptOf(judgeLine(snapshots, rules, now));
        const past = snapshots.filter(({ time }) => time <= now);
        for (const among of [snapshots, past]) {
          const protectedOnes = [
            ...among.slice(-2),
            ...among.filter(({ verified }) => verified !== undefined).slice(-1),
            ...snapshots.filter(({ pinned }) => pinned),
          ];
          expect(remaining).toEqual(expect.arrayContaining(protectedOnes));
        }
      }),
    );
  });

  it('pruning again removes nothing more, so that a prune that was cut off may be run again', () => {
    fc.assert(
      fc.property(line, anyRules, anyNow, (snapshots, rules, now) => {
        const once = keptOf(judgeLine(snapshots, { ...rules, within: undefined }, now));
        const twice = keptOf(judgeLine(once as typeof snapshots, { ...rules, within: undefined }, now));
        expect(twice).toEqual(once);
      }),
    );
  });

  it('time that only passes ages nothing out', () => {
    fc.assert(
      fc.property(line, anyRules, anyNow, (snapshots, rules, later) => {
        const now = (snapshots.at(-1)?.time ?? 0) + DAY;
        expect(judgeLine(snapshots, rules, now + later)).toEqual(judgeLine(snapshots, rules, now));
      }),
    );
  });

  it('no rules at all keep only those', () => {
    const four = [0, 1, 2, 3].map((days) => ({
      time: days * DAY,
      verified: days === 0 ? 1 : undefined,
      pinned: days === 1,
    }));
    expect(judgeLine(four, NO_RULES, 9 * DAY).map(({ keptBy }) => keptBy)).toEqual([
      ['newest-verified'],
      ['pinned'],
      ['last-two'],
      ['last-two'],
    ]);
  });
});
