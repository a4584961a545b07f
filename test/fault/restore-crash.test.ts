import { describe, expect, it, vi } from 'vitest';
import type { CrashMoment } from '../support/disk/faults.ts';
import { seededRandom } from '../support/disk/random.ts';
import {
  attempt,
  callsOf,
  describeInterruption,
  endings,
  type Interruption,
  interruptionsAt,
  type PostfixHabit,
  type Trial,
} from './restore-trial.ts';
import { ARCHIVED, type ArchivedMessage } from './restore-world.ts';

/** POSTSNAP_FAULTS=all tries every combination; otherwise every call, with some of the ways in which it may end. */
const ALL = process.env['POSTSNAP_FAULTS'] === 'all';
const SEEDS = ALL ? 12 : 1;
vi.setConfig({ testTimeout: ALL ? 7_200_000 : 300_000 });

const MOMENTS: readonly CrashMoment[] = ['before', 'during', 'after'];

const DISKS = [
  ['with syncfs', { wholeSync: true }],
  ['with fsync only', { wholeSync: false }],
] as const;

/** Where Postfix runs, a world of fewer messages: one of each queue that it takes mail from. */
const FEW = ARCHIVED.filter(({ queueName, queueId }) => queueName !== 'hold' && queueId !== 'A00011F');
/** For crashes in the recovery: a message that makes every step necessary. */
const ONE: readonly ArchivedMessage[] = ARCHIVED.filter(({ queueName }) => queueName === 'hold');

interface Tried {
  recoveries: number;
  readonly broken: string[];
}

async function tryOut(tried: Tried, trial: Trial, title: () => string): Promise<void> {
  tried.recoveries += 1;
  for (const line of await attempt(trial)) {
    tried.broken.push(`${title()}: ${line}`);
  }
}

/** Every n-th of a list, another one for each number: so that all of them have their turn. */
function share<Item>(items: readonly Item[], number: number, every: number): Item[] {
  return ALL ? [...items] : items.filter((_, index) => (index + number) % every === 0);
}

async function crashEverywhere(
  trial: Trial,
  habit?: (seed: number) => PostfixHabit,
): Promise<Tried & { calls: number }> {
  const calls = await callsOf(trial);
  const tried: Tried = { recoveries: 0, broken: [] };
  for (const call of calls) {
    const interruptions = interruptionsAt(call, endings(SEEDS));
    const chosen = share(interruptions, call.index, habit === undefined ? 5 : 12);
    for (const [number, interruption] of chosen.entries()) {
      const postfix = habit === undefined ? {} : { postfix: habit(call.index * 100 + number) };
      await tryOut(tried, { ...trial, ...postfix, interruptions: [interruption] }, () =>
        describeInterruption(interruption, calls),
      );
    }
  }
  return { ...tried, calls: calls.length };
}

function tell(title: string, { calls, recoveries }: { calls: number; recoveries: number }): void {
  console.info(`${title}: cut off at ${calls} calls, ${recoveries} recoveries checked`);
}

describe('a restore that is cut off at every call and run again', () => {
  it.each(DISKS)('%s, Postfix stopped', async (title, disk) => {
    const tried = await crashEverywhere(disk);
    tell(`${title}, Postfix stopped`, tried);
    expect(tried.broken.slice(0, 20)).toEqual([]);
    expect(tried.calls).toBeGreaterThan(150);
  });

  it.each(DISKS)('%s, a submission that becomes its submitter’s', async (title, disk) => {
    const messages = ARCHIVED.filter(({ queueName }) => queueName === 'maildrop');
    const tried = await crashEverywhere({ ...disk, messages, submitter: { uid: 1000, gid: 1000 } });
    tell(`${title}, a submission`, tried);
    expect(tried.broken.slice(0, 20)).toEqual([]);
  });

  it.each(DISKS)('%s, Postfix taking all that it can', async (title, disk) => {
    const tried = await crashEverywhere({ ...disk, messages: FEW }, (seed) => ({
      kind: seed % 2 === 0 ? 'eager' : 'slow',
    }));
    tell(`${title}, Postfix eager`, tried);
    expect(tried.broken.slice(0, 20)).toEqual([]);
  });

  it.each(DISKS)('%s, Postfix doing this and that', async (title, disk) => {
    const tried = await crashEverywhere({ ...disk, messages: FEW }, (seed) => ({ kind: 'by steps', seed }));
    tell(`${title}, Postfix by steps`, tried);
    expect(tried.broken.slice(0, 20)).toEqual([]);
  });
});

describe('a restore whose recovery is cut off too', () => {
  async function crashTwice(trial: Trial, habit?: PostfixHabit): Promise<Tried & { calls: number }> {
    const calls = await callsOf(trial);
    const tried: Tried = { recoveries: 0, broken: [] };
    const postfix = habit === undefined ? {} : { postfix: habit };
    const ends = endings(SEEDS);
    for (const first of calls) {
      for (const second of share(calls, first.index, 40)) {
        const random = seededRandom(first.index * calls.length + second.index);
        const interruptions = [first, second].map(
          ({ index }): Interruption => ({
            index,
            moment: MOMENTS[Math.floor(random() * MOMENTS.length)] ?? 'after',
            how: ends[Math.floor(random() * ends.length)] ?? 'kill',
          }),
        );
        await tryOut(tried, { ...trial, ...postfix, interruptions }, () =>
          interruptions.map((one) => describeInterruption(one, calls)).join('; '),
        );
      }
    }
    return { ...tried, calls: calls.length };
  }

  it.each(DISKS)('%s, Postfix stopped', async (title, disk) => {
    const tried = await crashTwice({ ...disk, messages: ONE });
    tell(`${title}, twice, Postfix stopped`, tried);
    expect(tried.broken.slice(0, 20)).toEqual([]);
  });

  it.each(DISKS)('%s, Postfix running', async (title, disk) => {
    const messages = ARCHIVED.filter(({ queueName }) => queueName === 'incoming');
    const tried = await crashTwice({ ...disk, messages }, { kind: 'eager' });
    tell(`${title}, twice, Postfix eager`, tried);
    expect(tried.broken.slice(0, 20)).toEqual([]);
  });
});

describe('a restore that is not cut off', () => {
  it.each(DISKS)('%s, Postfix acting once, at every call', async (title, disk) => {
    const calls = await callsOf(disk);
    const tried: Tried = { recoveries: 0, broken: [] };
    for (const { index } of calls) {
      await tryOut(tried, { ...disk, postfix: { kind: 'once', index } }, () => `Postfix at call ${index}`);
    }
    console.info(`${title}: Postfix acted at ${calls.length} calls`);
    expect(tried.broken.slice(0, 20)).toEqual([]);
  });
});
