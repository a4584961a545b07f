import { describe, expect, it } from 'vitest';
import { crashChoices } from './crash-choice.ts';
import { Crash, type CrashMoment, Faults, faultyFileSystem } from './faults.ts';
import { brokenPromises, makeWorld, QUEUE_DIRECTORY, runRestore } from './restore-world.ts';
import type { SimulatedFileSystem } from './simulated-file-system.ts';
import { snapshotTree } from './tree.ts';

const MOMENTS: readonly CrashMoment[] = ['before', 'during', 'after'];
const SEEDS = 12;

async function countCalls(make: () => SimulatedFileSystem): Promise<number> {
  const faults = new Faults();
  await runRestore(faultyFileSystem(make(), faults));
  return faults.calls.length;
}

async function crash(fs: SimulatedFileSystem, index: number, moment: CrashMoment): Promise<void> {
  const faults = new Faults().crashAt(index, moment);
  await runRestore(faultyFileSystem(fs, faults)).catch((error: unknown) => {
    if (!(error instanceof Crash)) {
      throw error;
    }
  });
}

describe('a restore that is cut off', () => {
  it.each([
    ['with syncfs', { wholeSync: true }],
    ['with fsync only', { wholeSync: false }],
  ])('by SIGKILL or power loss at every call, then run again: %s', async (_title, options) => {
    const make = (): SimulatedFileSystem => makeWorld(options);
    const before = snapshotTree(make(), QUEUE_DIRECTORY);
    const calls = await countCalls(make);
    let recoveries = 0;
    for (let index = 0; index < calls; index += 1) {
      for (const moment of MOMENTS) {
        // Killed is the choice 'everything': what the system knew stays.
        for (const choice of crashChoices(SEEDS)) {
          const fs = make();
          await crash(fs, index, moment);
          const after = fs.afterCrash(choice);
          await runRestore(after);
          expect(brokenPromises(after, before), `power lost ${moment} call ${index}, ${choice.title}`).toEqual([]);
          recoveries += 1;
        }
      }
    }
    console.log(`cut off at ${calls} calls, ${recoveries} recoveries checked`);
    expect(calls).toBeGreaterThan(50);
  });
});
