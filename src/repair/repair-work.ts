/** What a repair does with the rights of the queue's owner: alone, it looks and tells, or mends. */

import { clockAndChanceOf, randomNames } from '../clock-and-chance.ts';
import { systemError } from '../fs/system-error.ts';
import { lockState } from '../journal/state-lock.ts';
import { describeUnfinished, journalsToFinish } from '../journal/unfinished.ts';
import type { OwnerSurroundings, OwnerWork } from '../rights/owner-work.ts';
import { hasMembers } from '../rights/told.ts';
import { countOf, look, mendQueue, type RepairSetup, type RepairWorkReport } from './mend-queue.ts';
import type { RepairOutcome } from './options.ts';

export const repairWork: OwnerWork<RepairSetup, RepairWorkReport, RepairOutcome> = {
  name: 'repair',
  task: 'repair',
  run: repairHere,
  isReport: (value): value is RepairWorkReport => hasMembers(value, { checked: 'number', finished: 'number' }),
  isRow: (value): value is RepairOutcome => hasMembers(value, { finding: 'object', done: 'boolean' }),
};

type Surroundings = OwnerSurroundings<RepairOutcome>;

async function repairHere(setup: RepairSetup, surroundings: Surroundings): Promise<RepairWorkReport> {
  const { fs, tell } = surroundings;
  const { queueDirectory } = setup.configuration;
  if (setup.dryRun) {
    tellWaiting(setup, surroundings);
    const { facts, directories, diagnosis } = look(setup, surroundings);
    for (const finding of [...directories, ...diagnosis.findings]) {
      tell({ finding, done: false });
    }
    return { checked: countOf(facts), finished: 0 };
  }
  surroundings.makeStateDirectory();
  const lock = lockState(fs, queueDirectory);
  try {
    const clockAndChance = clockAndChanceOf(surroundings.control);
    const { now } = clockAndChance;
    return await mendQueue(setup, { ...surroundings, now, randomName: randomNames(clockAndChance) });
  } catch (error) {
    const nextStep = 'Mend that, and run the same command again: it goes on where this one stopped.';
    throw systemError(error, { action: "can't repair", path: queueDirectory, nextStep });
  } finally {
    lock.release();
  }
}

function tellWaiting({ configuration }: RepairSetup, { fs, control }: Surroundings): void {
  for (const journal of journalsToFinish(fs, configuration.queueDirectory)) {
    control.onEvent?.({ kind: 'warning', message: describeUnfinished(journal) });
  }
}
