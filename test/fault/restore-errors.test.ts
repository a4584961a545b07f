/** What the system refuses: the restore ends with an error that loses nothing, or succeeds all the same. */

import { describe, expect, it } from 'vitest';
import { readJournalStatus } from '../../src/journal/journal-file.ts';
import { type Call, Faults, faultyFileSystem } from '../support/disk/faults.ts';
import type { SimulatedFileSystem } from '../support/disk/simulated-file-system.ts';
import { snapshotTree } from '../support/disk/tree.ts';
import { brokenPromises, changed, type Tree } from './restore-promises.ts';
import { makeWorld, QUEUE_DIRECTORY, runRestore } from './restore-world.ts';

/** POSTSNAP_FAULTS=all tries every error at every call; otherwise they take turns. */
const ALL = process.env['POSTSNAP_FAULTS'] === 'all';
const ERRNOS = ['ENOSPC', 'EDQUOT', 'EIO', 'EMFILE', 'EINTR', 'EROFS', 'EACCES', 'ESTALE'] as const;

const DISKS = [
  ['with syncfs', { wholeSync: true }],
  ['with fsync only', { wholeSync: false }],
] as const;

interface World {
  readonly disk: SimulatedFileSystem;
  readonly before: Tree;
}

function world(options: { readonly wholeSync: boolean }): World {
  const disk = makeWorld(options);
  return { disk, before: snapshotTree(disk, QUEUE_DIRECTORY) };
}

async function callsOf(options: { readonly wholeSync: boolean }): Promise<readonly Call[]> {
  const faults = new Faults();
  await runRestore(faultyFileSystem(world(options).disk, faults));
  return faults.calls;
}

type Outcome = 'done' | 'refused';

/** Runs a restore under faults, then again without: returns how the first one ended, and what is wrong. */
async function restoreUnder(faults: Faults, { disk, before }: World): Promise<{ outcome: Outcome; broken: string[] }> {
  const broken: string[] = [];
  let outcome: Outcome = 'done';
  try {
    const { failed } = await runRestore(faultyFileSystem(disk, faults));
    outcome = failed.size > 0 ? 'refused' : 'done';
    broken.push(...(failed.size > 0 ? unsettled(disk, before) : brokenPromises(disk, before)));
  } catch (error) {
    outcome = 'refused';
    broken.push(...(error instanceof Error && isForeseen(error) ? [] : [`a bug: ${String(error)}`]));
    broken.push(...unsettled(disk, before));
  }
  if (disk.openDescriptors > 0) {
    broken.push(`${disk.openDescriptors} descriptors were left open`);
  }
  try {
    const { failed } = await runRestore(disk);
    broken.push(...brokenPromises(disk, before), ...[...failed.keys()].map((content) => `"${content}" failed again`));
  } catch (error) {
    broken.push(`the second run failed: ${String(error)}`);
  }
  return { outcome, broken };
}

function isForeseen(error: Error): boolean {
  return 'errno' in error;
}

/** After an error the queue is untouched, or a journal is ready to be carried out. */
function unsettled(disk: SimulatedFileSystem, before: Tree): string[] {
  const tree = snapshotTree(disk, QUEUE_DIRECTORY);
  const journals = [...tree.keys()].filter((path) => path.endsWith('.journal'));
  const states = journals.map((path) => readJournalStatus(disk, `${QUEUE_DIRECTORY}/${path}`).state);
  if (states.includes('damaged')) {
    return ['an error left a damaged journal'];
  }
  const added = [...tree.keys()].filter((path) => !before.has(path) && !path.startsWith('postsnap'));
  return states.length === 0 ? [...changed(before, tree), ...added.map((path) => `${path} was left`)] : [];
}

interface Injection {
  readonly call: Call;
  readonly errno: (typeof ERRNOS)[number];
  readonly how: 'once' | 'from then on';
}

/** Every error at every call; or a share of them, so that all have their turn. */
function* injections(calls: readonly Call[]): Generator<Injection> {
  for (const call of calls) {
    for (const errno of ERRNOS.filter((_, number) => ALL || (number + call.index) % 4 === 0)) {
      yield { call, errno, how: 'once' };
      yield { call, errno, how: 'from then on' };
    }
  }
}

function faultsOf({ call, errno, how }: Injection): Faults {
  return how === 'once' ? new Faults().failAt(call.index, errno) : new Faults().failFrom(call.index, errno);
}

describe('an error of the system', () => {
  it.each(DISKS)('at any call, once or from then on: %s', async (title, disk) => {
    const calls = await callsOf(disk);
    const injected = new Map<string, number>();
    const broken: string[] = [];
    let refused = 0;
    for (const injection of injections(calls)) {
      const { call, errno, how } = injection;
      const faults = faultsOf(injection);
      const { outcome, broken: found } = await restoreUnder(faults, world(disk));
      refused += Number(outcome === 'refused');
      injected.set(errno, (injected.get(errno) ?? 0) + faults.injected);
      broken.push(...found.map((line) => `${errno} ${how} at ${call.index} ${call.name} ${call.paths[0]}: ${line}`));
    }
    const byErrno = JSON.stringify(Object.fromEntries(injected));
    console.info(`${title}: errors at ${calls.length} calls, ${refused} restores refused; injected: ${byErrno}`);
    expect(broken.slice(0, 20)).toEqual([]);
    expect(refused).toBeGreaterThan(calls.length);
  });

  it('on a disk that fills up, at any size', async () => {
    const free = 40;
    for (let inodes = 20; inodes < 20 + free; inodes += 1) {
      const small = makeWorld({ capacity: { bytes: 100_000, inodes } });
      const before = snapshotTree(small, QUEUE_DIRECTORY);
      const outcome = await runRestore(small).then(
        ({ failed }) => (failed.size === 0 ? 'done' : JSON.stringify([...failed.values()])),
        (error: unknown) => String(error),
      );
      expect(outcome).toMatch(/^done$|ENOSPC/);
      expect(outcome === 'done' ? brokenPromises(small, before) : unsettled(small, before)).toEqual([]);
    }
  });
});

/** What a repeated call reports that was done before. */
const FALSE_ERRNOS: ReadonlyMap<string, string> = new Map([
  ['link', 'EEXIST'],
  ['mkdir', 'EEXIST'],
  ['open', 'EEXIST'],
  ['rename', 'ENOENT'],
  ['unlink', 'ENOENT'],
  ['rmdir', 'ENOENT'],
]);

function isNotIdempotent({ name, exclusive }: Call): boolean {
  return FALSE_ERRNOS.has(name) && (name !== 'open' || exclusive);
}

describe('an NFS server that does what it is asked and reports an error', () => {
  it.each(DISKS)('at any call: %s', async (title, disk) => {
    const calls = await callsOf(disk);
    let survived = 0;
    for (const { index, name } of calls.filter(isNotIdempotent)) {
      const faults = new Faults().falseErrorAt(index, FALSE_ERRNOS.get(name) ?? 'EIO');
      const { outcome, broken } = await restoreUnder(faults, world(disk));
      expect(broken, `call ${index}, ${name}`).toEqual([]);
      expect(outcome, `call ${index}, ${name}`).toBe('done');
      survived += 1;
    }
    console.info(`${title}: ${survived} false errors survived, one at a time`);
    expect(survived).toBeGreaterThan(30);
  });

  it.each([0.1, 0.3, 0.6, 0.9, 1])('at a rate of %d', async (rate) => {
    const restores = ALL ? 200 : 10;
    let injected = 0;
    for (let seed = 0; seed < restores; seed += 1) {
      const faults = new Faults().falseErrorsAtRandom({ seed, rate });
      const { outcome, broken } = await restoreUnder(faults, world({ wholeSync: seed % 2 === 0 }));
      expect(broken, `seed ${seed}`).toEqual([]);
      expect(outcome, `seed ${seed}`).toBe('done');
      injected += faults.injected;
    }
    console.info(`a rate of ${rate}: ${injected} false errors survived in ${restores} restores`);
    expect(injected).toBeGreaterThan(restores);
  });

  it.each(['ESTALE', 'EIO'])('with %s now and then', async (errno) => {
    const restores = ALL ? 300 : 30;
    let [refused, injected] = [0, 0];
    for (let seed = 0; seed < restores; seed += 1) {
      const faults = new Faults().failAtRandom({ seed, rate: 0.02, errno }).falseErrorsAtRandom({ seed, rate: 0.5 });
      const { outcome, broken } = await restoreUnder(faults, world({ wholeSync: seed % 2 === 0 }));
      expect(broken, `seed ${seed}`).toEqual([]);
      refused += outcome === 'refused' ? 1 : 0;
      injected += faults.injected;
    }
    console.info(`${errno} and false errors: ${injected} injected, ${refused} of ${restores} restores refused`);
    expect(refused).toBeGreaterThan(0);
  });
});
