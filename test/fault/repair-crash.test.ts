/** A repair of queues that are broken by chance, cut off at every call by a kill or a power loss, and run again. */

import { describe, expect, it, vi } from 'vitest';
import { readLines } from '../../src/fs/lines.ts';
import { journalEntries } from '../../src/journal/journal-file.ts';
import { journalsToFinish } from '../../src/journal/unfinished.ts';
import { corruptNotesPath } from '../../src/repair/corrupt-notes.ts';
import type { RepairOutcome } from '../../src/repair/options.ts';
import { type Call, Crash, Faults, faultyFileSystem } from '../support/disk/faults.ts';
import { seededRandom } from '../support/disk/random.ts';
import type { SimulatedFileSystem } from '../support/disk/simulated-file-system.ts';
import { BREAKAGES, type Breakage, type BrokenQueue } from '../support/repair/broken-queue.ts';
import { QueueJudge } from '../support/repair/judge.ts';
import { MAIL_OWNER, makeBrokenWorld, runRepair, SPOOL, type World } from './repair-world.ts';
import { describeInterruption, endings, type Interruption, interruptionsAt } from './restore-trial.ts';

const ALL = process.env['POSTSNAP_FAULTS'] === 'all';
vi.setConfig({ testTimeout: ALL ? 14_400_000 : 300_000 });

/** What breaks what a repair promises of a queue, once it has been done to the end. */
async function broken(disk: SimulatedFileSystem, queue: BrokenQueue): Promise<string[]> {
  const judge = new QueueJudge(disk, SPOOL, queue);
  const { lost, doubled, foreign, lostLogs } = judge.losses();
  const again = await runRepair(disk);
  const open = again.filter(({ finding }) => finding.code !== 'orphan-log' && !isOfTheDisk(finding));
  return [
    ...lost.map((one) => `lost: ${one}`),
    ...doubled.map((one) => `doubled: ${one}`),
    ...foreign.map((one) => `foreign log: ${one}`),
    ...lostLogs.map((one) => `log lost: ${one}`),
    ...judge.untidy(MAIL_OWNER),
    ...wrongNotes(disk, queue),
    ...open.map(({ finding }) => `found again: ${finding.code} ${finding.path} (${finding.detail})`),
  ];
}

/** Each message in corrupt has one note, which says where it was, and nothing else has one. */
function wrongNotes(disk: SimulatedFileSystem, queue: BrokenQueue): string[] {
  const path = corruptNotesPath(SPOOL);
  const lines = disk.lstat(path) === undefined ? [] : [...readLines(disk, path)];
  const noted = lines.map((line) => /^\S+Z (corrupt\/\S+) was (\S+): ./.exec(line)?.slice(1).join(' was ') ?? line);
  const inCorrupt = disk.readdir(`${SPOOL}/corrupt`).map((name) => `corrupt/${name}`);
  const planted = new Set(queue.messages.map((message) => message.path));
  const isTrue = (note: string): boolean => {
    const [to = '', from = ''] = note.split(' was ');
    return inCorrupt.includes(to) && planted.has(from);
  };
  return [
    ...noted.filter((note) => !isTrue(note)).map((note) => `a note that is not true: ${note}`),
    ...inCorrupt
      .filter((name) => noted.filter((note) => note.startsWith(`${name} was `)).length !== 1)
      .map((name) => `not noted once: ${name}`),
  ];
}

/** The simulated disk makes directories as root. */
function isOfTheDisk({ code, detail }: RepairOutcome['finding']): boolean {
  return code === 'directory-rights' && detail.startsWith('uid 0, gid 0, mode 0700,');
}

async function cutOff({ disk, queue }: World, { index, moment, how }: Interruption): Promise<string[]> {
  // Of two messages with one ID each has the other's logs, until they are repaired.
  const before = new Set(new QueueJudge(disk, SPOOL, queue).foreignNow());
  const faults = new Faults().crashAt(index, moment);
  try {
    await runRepair(faultyFileSystem(disk, faults));
  } catch (error) {
    if (!(error instanceof Crash)) {
      throw error;
    }
  }
  disk.endProcess();
  const after = how === 'kill' ? disk : disk.afterCrash(how);
  const judge = new QueueJudge(after, SPOOL, queue);
  const { lost } = judge.losses();
  const now = [
    ...lost.map((one) => `lost at the cut: ${one}`),
    ...judge
      .foreignNow()
      .filter((one) => !before.has(one))
      .map((one) => `foreign at the cut: ${one}`),
  ];
  await runRepair(after);
  return [...now, ...(await broken(after, queue))];
}

async function callsOf({ disk }: World): Promise<readonly Call[]> {
  const faults = new Faults();
  await runRepair(faultyFileSystem(disk, faults));
  return faults.calls;
}

/** Cuts off the repairs of queues at the calls that are chosen, and tells what is broken then. */
async function cutAll(
  make: () => World,
  isChosen: (index: number, call: number) => boolean,
): Promise<{ readonly faults: string[]; readonly recoveries: number }> {
  const faults: string[] = [];
  let recoveries = 0;
  const calls = await callsOf(make());
  for (const call of calls) {
    for (const interruption of interruptionsAt(call, endings(ALL ? 4 : 1)).filter((_, index) =>
      isChosen(index, call.index),
    )) {
      recoveries += 1;
      const found = await cutOff(make(), interruption);
      faults.push(...found.map((one) => `${describeInterruption(interruption, calls)}: ${one}`));
    }
  }
  return { faults, recoveries };
}

const EACH: readonly Breakage[] = BREAKAGES.filter((one) => one !== 'none');

describe('a repair', () => {
  it.each(EACH)('of a queue with nothing but: %s', async (breakage) => {
    const { disk, queue } = makeBrokenWorld(1, { messages: 8, breakages: [breakage] });
    await runRepair(disk);
    expect(await broken(disk, queue)).toEqual([]);
  });

  it('of a thousand queues with all of them', async () => {
    const faults: string[] = [];
    let count = 0;
    for (let seed = 0; seed < 1000; seed += 1) {
      const { disk, queue } = makeBrokenWorld(seed, { messages: 12 });
      await runRepair(disk);
      count += queue.messages.length;
      faults.push(...(await broken(disk, queue)).map((fault) => `seed ${seed}: ${fault}`));
    }
    expect(faults.slice(0, 20)).toEqual([]);
    console.info(`repaired: 1000 queues with ${count} messages`);
  });

  it('of a thousand queues with all of them, each cut off at some call', async () => {
    const faults: string[] = [];
    const random = seededRandom(1000);
    let count = 0;
    for (let seed = 0; seed < 1000; seed += ALL ? 1 : 20) {
      const make = (): World => makeBrokenWorld(seed, { messages: 12, wholeSync: seed % 2 === 0 });
      const calls = await callsOf(make());
      const call = calls[Math.floor(random() * calls.length)];
      const interruptions = call === undefined ? [] : interruptionsAt(call, endings(2));
      const interruption = interruptions[Math.floor(random() * interruptions.length)];
      if (interruption !== undefined) {
        count += 1;
        const found = await cutOff(make(), interruption);
        faults.push(...found.map((one) => `seed ${seed}, ${describeInterruption(interruption, calls)}: ${one}`));
      }
    }
    expect(faults.slice(0, 20)).toEqual([]);
    expect(count).toBe(ALL ? 1000 : 50);
    console.info(`repaired, each cut off at one call: ${count} queues`);
  });
});

describe('a repair that is cut off at every call and run again', () => {
  it.each([
    ['with syncfs', true],
    ['with fsync only', false],
  ])('%s', async (title, wholeSync) => {
    const faults: string[] = [];
    let recoveries = 0;
    for (let seed = 0; seed < (ALL ? 50 : 3); seed += 1) {
      const cut = await cutAll(
        () => makeBrokenWorld(seed, { messages: 5, wholeSync }),
        // Every moment of every call, with one ending each.
        (index, call) => (index + call) % (ALL ? endings(4).length : 12) === 0,
      );
      recoveries += cut.recoveries;
      faults.push(...cut.faults.map((one) => `seed ${seed}, ${one}`));
    }
    expect(faults.slice(0, 20)).toEqual([]);
    console.info(`${title}: ${recoveries} recoveries`);
  });
});

describe('a note of each message in corrupt', () => {
  it.each([
    ['with syncfs', true],
    ['with fsync only', false],
  ])('is there once the repair is done, at whatever call it was cut off: %s', async (_title, wholeSync) => {
    const make = (): World => makeBrokenWorld(5, { messages: 3, wholeSync, breakages: ['cut off'] });
    const { faults, recoveries } = await cutAll(make, (index, call) => ALL || (index + call) % 4 === 0);
    expect(faults.slice(0, 20)).toEqual([]);
    expect(recoveries).toBeGreaterThan(50);
    const { disk } = make();
    await runRepair(disk);
    expect(disk.readdir(`${SPOOL}/corrupt`)).toHaveLength(3);
  });
});

describe('a repair that was cut off once its journal was sealed', () => {
  /** A copied queue, and a repair of it that was killed before it gave a name. */
  async function sealed(): Promise<World> {
    const make = (): World => makeBrokenWorld(3, { messages: 6, wholeSync: true, breakages: ['copied'] });
    const at = (await callsOf(make())).findIndex(({ name }) => name === 'link');
    const world = make();
    await expect(runRepair(faultyFileSystem(world.disk, new Faults().crashAt(at, 'before')))).rejects.toThrow(Crash);
    world.disk.endProcess();
    return world;
  }
  const journals = (disk: SimulatedFileSystem): number =>
    disk.readdir(`${SPOOL}/postsnap`).filter((name) => !name.endsWith('.staged') && name !== 'lock').length;

  it('names what is gone meanwhile', async () => {
    const { disk, queue } = await sealed();
    const [victim] = journalsToFinish(disk, SPOOL).flatMap(({ path }) => [
      ...journalEntries(disk, path, { moves: new Map() }),
    ]);
    disk.unlink(`${SPOOL}/${victim?.entry.from}`);
    const told = await runRepair(disk);
    expect(told.filter(({ finding }) => finding.code === 'gone')).toMatchObject([
      { done: false, finding: { path: victim?.entry.from } },
    ]);
    expect(new QueueJudge(disk, SPOOL, queue).losses().lost).toHaveLength(1);
  });

  it('tells again and again what is in the way, makes no second journal, and ends well once it has gone', async () => {
    const { disk, queue } = await sealed();
    const before = journals(disk);
    for (let run = 0; run < 3; run += 1) {
      const stuck = new Faults().failWhen(({ name }) => name === 'link', 'EACCES');
      const told = await runRepair(faultyFileSystem(disk, stuck));
      expect(told.filter(({ finding }) => finding.code === 'waiting')).toHaveLength(queue.messages.length);
      expect(told.every(({ done }) => !done)).toBe(true);
      expect(journals(disk)).toBe(before);
    }
    await runRepair(disk);
    expect(await broken(disk, queue)).toEqual([]);
  });
});
