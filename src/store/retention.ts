/**
 * Which snapshots of a line are kept: the rules of `restic forget` (restic's snapshot_policy.go), and three that no rule
 * overrides. Pure: times in, reasons out.
 *
 * Rules are counted from the newest snapshot, and not from now: where backups have stopped, nothing ages any more. Days,
 * weeks (ISO 8601), months and years are those of UTC, as the names in a store are.
 */

import { isNoSpan, type Span, timeBefore } from './span.ts';

/** How many of each kind are kept: 0 none, Infinity all. A snapshot that any of the rules keeps is kept. */
export interface KeepRules {
  readonly last: number;
  readonly hourly: number;
  readonly daily: number;
  readonly weekly: number;
  readonly monthly: number;
  readonly yearly: number;
  /** Everything that is not older than the newest by this or more. */
  readonly within: Span | undefined;
}

type CountedRule = Exclude<keyof KeepRules, 'within'>;

/** Why a snapshot is kept: the rule, or what holds whatever the rules. */
export type KeptBy = keyof KeepRules | 'pinned' | 'newest-verified' | 'last-two';

interface Kept {
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly verified: number | undefined;
  readonly pinned: boolean;
}

export interface Verdict<Snapshot> {
  readonly snapshot: Snapshot;
  /** Nothing: it is to be removed. */
  readonly keptBy: readonly KeptBy[];
}

export const NO_RULES: KeepRules = {
  last: 0,
  hourly: 0,
  daily: 0,
  weekly: 0,
  monthly: 0,
  yearly: 0,
  within: undefined,
};

/** Whether the rules keep nothing by themselves. */
export function isEmptyPolicy({ within, ...counts }: KeepRules): boolean {
  return Object.values(counts).every((count) => count === 0) && (within === undefined || isNoSpan(within));
}

/**
 * Judges the snapshots of one line.
 *
 * @param snapshots - the oldest first
 * @param now - milliseconds since the epoch; only to tell what is dated in the future, where a clock was wrong
 * @returns in the same order
 */
export function judgeLine<Snapshot extends Kept>(
  snapshots: readonly Snapshot[],
  rules: KeepRules,
  now: number,
): Verdict<Snapshot>[] {
  const newestFirst = snapshots.toReversed();
  const byRule = keptByRules(newestFirst, rules, now);
  const always = keptAlways(newestFirst, now);
  return newestFirst
    .map((snapshot, at) => ({ snapshot, keptBy: [...(byRule[at] ?? []), ...(always.get(snapshot) ?? [])] }))
    .toReversed();
}

/** The value is the same for two times of one hour, day, week …; the position is another for each snapshot. */
const PERIODS: readonly (readonly [CountedRule, (date: Date, position: number) => number])[] = [
  ['last', (_, position) => position],
  ['hourly', (date) => date.getTime() - (date.getTime() % 3_600_000)],
  ['daily', (date) => Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate())],
  ['weekly', (date) => mondayOf(date)],
  ['monthly', (date) => Date.UTC(date.getUTCFullYear(), date.getUTCMonth())],
  ['yearly', (date) => date.getUTCFullYear()],
];

function mondayOf(date: Date): number {
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate() - ((date.getUTCDay() + 6) % 7));
}

/**
 * Each rule goes from the newest on and takes the first of each period, until it has so many. (Since 0.16 restic also keeps
 * the oldest of all while a rule has not so many. A queue's history is of no use after a while: here N are N.)
 */
function keptByRules(newestFirst: readonly Kept[], rules: KeepRules, now: number): KeptBy[][] {
  const reasons: KeptBy[][] = newestFirst.map(({ time }) =>
    isWithin(time, { newestFirst, rules, now }) ? ['within'] : [],
  );
  for (const [rule, periodOf] of PERIODS) {
    let left = rules[rule];
    let taken: number | undefined;
    for (const [position, { time }] of newestFirst.entries()) {
      const period = periodOf(new Date(time), position);
      if (left > 0 && period !== taken) {
        taken = period;
        left -= 1;
        reasons[position]?.push(rule);
      }
    }
  }
  return reasons;
}

/** As restic does, "within" is counted from the newest that is not dated in the future: a wrong clock ages nothing out. */
function isWithin(time: number, { newestFirst, rules, now }: Line): boolean {
  if (rules.within === undefined || isNoSpan(rules.within)) {
    return false;
  }
  const newest = newestFirst.find((snapshot) => snapshot.time < now);
  return newest === undefined || time > timeBefore(newest.time, rules.within);
}

interface Line {
  readonly newestFirst: readonly Kept[];
  readonly rules: KeepRules;
  readonly now: number;
}

/**
 * What no rule may remove. Where a clock was wrong, some snapshots are dated in the future: they hold their places, and
 * what was taken before and after them with the right clock has places of its own.
 */
function keptAlways<Snapshot extends Kept>(newestFirst: readonly Snapshot[], now: number): Map<Snapshot, KeptBy[]> {
  const kept = new Map<Snapshot, KeptBy[]>();
  const keep = (snapshot: Snapshot | undefined, reason: KeptBy): void => {
    const reasons = snapshot === undefined ? undefined : (kept.get(snapshot) ?? []);
    if (snapshot !== undefined && reasons !== undefined && !reasons.includes(reason)) {
      kept.set(snapshot, [...reasons, reason]);
    }
  };
  for (const snapshot of newestFirst.filter(({ pinned }) => pinned)) {
    keep(snapshot, 'pinned');
  }
  for (const among of [newestFirst, newestFirst.filter(({ time }) => time <= now)]) {
    keep(
      among.find(({ verified }) => verified !== undefined),
      'newest-verified',
    );
    keep(among[0], 'last-two');
    keep(among[1], 'last-two');
  }
  return kept;
}
