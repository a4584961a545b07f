/** A restore that lets its messages go one by one, cut off at every call, with Postfix running or not. */

import { describe, expect, it, vi } from 'vitest';
import { Faults, faultyFileSystem } from '../support/disk/faults.ts';
import { snapshotTree } from '../support/disk/tree.ts';
import { attempt, callsOf, describeInterruption, endings, interruptionsAt, type Trial } from './restore-trial.ts';
import { ARCHIVED, HOUR_NS, makeWorld, NOW_NS, QUEUE_DIRECTORY, runRestore } from './restore-world.ts';

/** POSTSNAP_FAULTS=all tries every ending at every call; otherwise they take turns. */
const ALL = process.env['POSTSNAP_FAULTS'] === 'all';
vi.setConfig({ testTimeout: ALL ? 7_200_000 : 300_000 });

const TRIALS: readonly (readonly [string, Trial])[] = [
  ['with syncfs', { hoursBetween: 1 }],
  ['with fsync only', { hoursBetween: 1, wholeSync: false }],
  ['so slowly that times are set anew', { hoursBetween: 20 }],
  ['Postfix taking all that it can', { hoursBetween: 1, postfix: { kind: 'eager' } }],
  [
    'three at a time, in another order than the journal',
    { hoursBetween: 1, isReversed: true, postfix: { kind: 'eager' } },
  ],
];

describe('at a pace, cut off at every call and run again', () => {
  it.each(TRIALS)('%s', async (title, trial) => {
    const { postfix: _, ...still } = trial;
    const calls = await callsOf(still);
    const broken: string[] = [];
    let recoveries = 0;
    for (const call of calls) {
      const all = interruptionsAt(call, endings(1));
      for (const interruption of ALL ? all : all.filter((_each, at) => (at + call.index) % 6 === 0)) {
        recoveries += 1;
        const found = await attempt({ ...trial, interruptions: [interruption] });
        broken.push(
          ...found
            .filter((line) => !isNewTime(line, trial))
            .map((line) => `${describeInterruption(interruption, calls)}: ${line}`),
        );
      }
    }
    console.info(`at a pace, ${title}: cut off at ${calls.length} calls, ${recoveries} recoveries checked`);
    expect(broken.slice(0, 20)).toEqual([]);
    expect(calls.length).toBeGreaterThan(200);
  });
});

/** Cut off in between, a message that has waited for long keeps the later time: it is due either way. */
function isNewTime(line: string, { hoursBetween = 0 }: Trial): boolean {
  return hoursBetween > 18 && /^P5: \S+ has the time \d+$/u.test(line);
}

/** The ages of the files that are linked into a queue, in hours, in this order. */
async function agesWhenLinked(hoursBetween: number): Promise<number[]> {
  const disk = makeWorld();
  const ages = new Map<string, number>();
  const faults = new Faults().beforeCall(({ name, paths }) => {
    const [from = '', to = ''] = paths;
    if (name === 'link' && from.endsWith('.message') && !to.startsWith(`${QUEUE_DIRECTORY}/postsnap/`)) {
      // The first one does not wait. A name that is taken is tried, too.
      const hours = hoursBetween * (ages.size - (ages.has(from) ? 1 : 0));
      const nowNs = NOW_NS + BigInt(hours) * HOUR_NS;
      ages.set(from, Number((nowNs - (disk.lstat(from)?.mtimeNs ?? 0n)) / HOUR_NS));
    }
  });
  await runRestore(faultyFileSystem(disk, faults), { hoursBetween });
  return [...ages.values()];
}

describe('what waits for its turn', () => {
  it('gets its name so young that no Postfix deletes it, however long it has waited', async () => {
    const ages = await agesWhenLinked(60);
    expect(ages).toHaveLength(ARCHIVED.length);
    expect(Math.max(...ages)).toBeLessThan(24);
  });

  it('has the archived time in the end', async () => {
    const disk = makeWorld();
    await runRestore(disk, { hoursBetween: 60 });
    const files = [...snapshotTree(disk, QUEUE_DIRECTORY).values()];
    for (const { content, mtimeNs } of ARCHIVED) {
      expect([content, files.find((file) => file.content === content)?.mtimeNs]).toEqual([content, mtimeNs]);
    }
  });
});
