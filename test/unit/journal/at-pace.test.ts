/** Each message gets its turn, slice by slice: what has not had its turn is not touched. */

import { beforeEach, expect, it } from 'vitest';
import { InterruptedError } from '../../../src/errors.ts';
import { atPace } from '../../../src/journal/at-pace.ts';
import type { PaceClock } from '../../../src/journal/pacer.ts';
import { finishJournals } from '../../../src/journal/unfinished.ts';
import type { Work } from '../../../src/journal/work.ts';
import { Faults } from '../../support/disk/faults.ts';
import { snapshotTree } from '../../support/disk/tree.ts';
import { JournalWorld, now } from '../../support/journal/world.ts';

/** It stands still but while somebody sleeps. */
class Clock implements PaceClock {
  time = 0;
  now = (): number => this.time;
  sleep = (milliseconds: number): Promise<void> => {
    this.time += milliseconds;
    return Promise.resolve();
  };
}

const PACE = { rate: { messages: 2, per: 's' }, by: 'arrival' } as const;

let world: JournalWorld;
let work: Work;
let clock: Clock;

beforeEach(() => {
  world = new JournalWorld();
  clock = new Clock();
  const staging = world.begin();
  for (const [index, arrival] of [30, 10, 50, 20, 40].entries()) {
    world.stage(staging, index, { arrival });
  }
  staging.seal();
  work = world.work(staging);
});

/** The messages that have their turn, and when; they are done. */
function carryOutDue(turns: (readonly [milliseconds: number, indexes: number[]])[]): () => Promise<void> {
  return () => {
    const indexes = [...work.entries('staged', 'placed')].map(({ index }) => index);
    turns.push([clock.now(), indexes]);
    for (const index of indexes) {
      work.setStep(index, 'over');
    }
    return Promise.resolve();
  };
}

it('lets the oldest go first, no more of them than the rate says, and has all of them in sight again', async () => {
  const turns: [number, number[]][] = [];
  await atPace({ pace: PACE, clock, now }, work, carryOutDue(turns));
  expect(turns).toEqual([
    [0, [1, 3]],
    [1000, [0, 4]],
    [2000, [2]],
  ]);
  expect(work.count('over')).toBe(5);
});

it('waits for no message that is done, and takes up what a run before has placed', async () => {
  work.setStep(1, 'over');
  work.setStep(3, 'placed');
  work.setStep(4, 'stuck');
  const turns: [number, number[]][] = [];
  await atPace({ pace: PACE, clock, now }, work, carryOutDue(turns));
  expect(turns).toEqual([
    [0, [3, 0]],
    [1000, [2]],
  ]);
});

it('stops before the next slice at a signal, and has all of them in sight again', async () => {
  const turns: [number, number[]][] = [];
  const abort = new AbortController();
  const due = carryOutDue(turns);
  const interrupted = atPace({ pace: PACE, clock, now, signal: abort.signal }, work, async () => {
    await due();
    abort.abort();
  });
  await expect(interrupted).rejects.toBeInstanceOf(InterruptedError);
  expect(turns).toEqual([[0, [1, 3]]]);
  expect([work.count('over'), work.count('staged')]).toEqual([2, 3]);
});

it('knows of each message of a slice that it may have been made ready, whatever their order in the journal', async () => {
  const three = { rate: { messages: 3, per: 's' }, by: 'arrival' } as const;
  world = new JournalWorld();
  const staged = world.begin();
  for (const [index, arrival] of [30, 10, 50, 20, 40].entries()) {
    world.stage(staged, index, { arrival });
  }
  staged.seal();
  const faults = new Faults().afterCall(({ name }) => {
    // Killed after the first ready bit: Postfix delivers the message.
    if (name === 'fchmod') {
      const files = [...snapshotTree(world.disk, '/queue/hold')];
      for (const [path] of files.filter(([, { mode, type }]) => type === 'file' && mode === 0o700)) {
        world.disk.unlink(`/queue/hold/${path}`);
      }
      throw new Error('killed');
    }
  });
  const target = world.target(faults);
  await expect(world.carryOut(staged, { target, pace: three, clock })).rejects.toThrow('killed');
  world.disk.endProcess();
  const report = await finishJournals({ ...world.target(), now, clock });
  const failed = [...report.messages.values()].filter(({ kind }) => kind === 'failed');
  expect(failed).toMatchObject([{ failure: { kind: 'uncertain' } }]);
  expect(report.lost).toBe(0);
});
