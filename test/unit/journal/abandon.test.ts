/** Giving up: what is not ready goes, with its logs; what is ready stays; and a cut leaves nothing half. */

import { expect, it } from 'vitest';
import { SystemError } from '../../../src/errors.ts';
import { abandonOne } from '../../../src/journal/abandon.ts';
import { readJournalStatus } from '../../../src/journal/journal-file.ts';
import type { Staging } from '../../../src/journal/staging.ts';
import { abandonJournals } from '../../../src/journal/unfinished.ts';
import { crashChoices } from '../../support/disk/crash-choice.ts';
import { Faults, faultyFileSystem } from '../../support/disk/faults.ts';
import type { SimulatedFileSystem } from '../../support/disk/simulated-file-system.ts';
import { snapshotTree } from '../../support/disk/tree.ts';
import { JournalWorld, now } from '../../support/journal/world.ts';

const MESSAGES = 3;
const READY = 1;

/** A restore that was ended when two of its messages were ready, and two had their names. */
async function cutOff(): Promise<{ world: JournalWorld; staging: Staging }> {
  const world = new JournalWorld();
  const staging = world.begin();
  for (let index = 0; index < MESSAGES; index += 1) {
    world.stage(staging, index, { log: `why ${index}` });
  }
  staging.seal();
  let ready = 0;
  const faults = new Faults().failWhen(({ name }) => {
    ready += name === 'fchmod' ? 1 : 0;
    return name === 'fchmod' && ready > READY;
  }, 'EIO');
  await expect(world.carryOut(staging, { target: world.target(faults) })).rejects.toBeInstanceOf(SystemError);
  world.disk.endProcess();
  world.disk.syncFileSystem('/queue');
  return { world, staging };
}

function abandonOn(disk: SimulatedFileSystem, { staging }: { staging: Staging }, faults?: Faults): Promise<number> {
  const { journal, directory: stagingDirectory } = staging;
  const status = readJournalStatus(disk, journal);
  if (status.state === 'damaged') {
    throw new Error('the journal is damaged');
  }
  const target = { ...new JournalWorld().target(), fs: faults === undefined ? disk : faultyFileSystem(disk, faults) };
  return abandonOne({ target, journal, stagingDirectory, known: status, now });
}

const modesOf = (disk: SimulatedFileSystem): number[] =>
  [...snapshotTree(disk, '/queue/hold').values()].map(({ mode }) => mode);
const logsOf = (disk: SimulatedFileSystem): number =>
  [...snapshotTree(disk, '/queue/defer').values()].filter(({ type }) => type === 'file').length;

it('removes what is unready, with its logs, and leaves what is ready', async () => {
  const cut = await cutOff();
  expect(modesOf(cut.world.disk).toSorted((one, other) => one - other)).toEqual([0o600, 0o600, 0o700]);
  expect(await abandonOn(cut.world.disk, cut)).toBe(MESSAGES - READY);
  expect(modesOf(cut.world.disk)).toEqual([0o700]);
  expect(logsOf(cut.world.disk)).toBe(READY);
  expect(cut.world.disk.lstat(cut.staging.directory)).toBeUndefined();
  expect(readJournalStatus(cut.world.disk, cut.staging.journal).state).toBe('done');
});

it('leaves no unready name in a queue, wherever it is cut off', { timeout: 60_000 }, async () => {
  const faults = new Faults();
  const first = await cutOff();
  await abandonOn(first.world.disk, first, faults);
  for (const { index } of faults.calls.filter(({ name }) => !['lstat', 'fstat', 'read', 'readdir'].includes(name))) {
    const cut = await cutOff();
    await expect(abandonOn(cut.world.disk, cut, new Faults().crashAt(index, 'after'))).rejects.toThrow('cut off');
    for (const choice of crashChoices(4)) {
      const image = cut.world.disk.afterCrash(choice);
      // The next run, whatever it is, ends what was begun.
      await abandonJournals({ ...cut.world.target(), fs: image, now });
      expect(modesOf(image), `call ${index}, ${choice.title}`).toEqual([0o700]);
      expect(logsOf(image), `call ${index}, ${choice.title}`).toBe(READY);
    }
  }
});

it('removes nothing, and counts nothing as restored, while it may not look for a message', async () => {
  const { world, staging } = await cutOff();
  const names = modesOf(world.disk).length;
  const refused = new Faults().failWhen(
    ({ name, paths: [path = ''] }) => name === 'lstat' && path.includes('/2.message'),
    'EACCES',
  );
  const refusal = await abandonOn(world.disk, { staging }, refused).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(SystemError);
  expect(String(refusal)).toContain('2.message');
  expect(readJournalStatus(world.disk, staging.journal).state).toBe('unfinished');
  expect(modesOf(world.disk)).toHaveLength(names);
  expect(await abandonOn(world.disk, { staging })).toBe(MESSAGES - READY);
  expect(modesOf(world.disk)).toEqual([0o700]);
});
