import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { InterruptedError, SystemError } from '../../../src/errors.ts';
import { O_WRONLY } from '../../../src/fs/open-flags.ts';
import { type CarryOutOptions, carryOut } from '../../../src/journal/carry-out.ts';
import type { JournalEntry } from '../../../src/journal/journal.ts';
import { readJournalStatus } from '../../../src/journal/journal-file.ts';
import { writeStagedFile } from '../../../src/journal/staged-file.ts';
import { Staging } from '../../../src/journal/staging.ts';
import { submissionService } from '../../../src/journal/submission.ts';
import { finishJournals } from '../../../src/journal/unfinished.ts';
import { DEFAULT_LAYOUT } from '../../../src/queue/layout.ts';
import { Faults, faultyFileSystem } from '../../support/disk/faults.ts';
import { SimulatedFileSystem } from '../../support/disk/simulated-file-system.ts';
import { makeDirectories, readWhole } from '../../support/disk/tree.ts';

const MESSAGES = 100;
const now = (): Date => new Date(1_700_000_000_000);

let disk: SimulatedFileSystem;
let staging: Staging;
let names = 0;

function begin(): Staging {
  return new Staging({
    fs: disk,
    queueDirectory: '/queue',
    layout: DEFAULT_LAYOUT,
    snapshotId: 'snapshot',
    into: 'queues',
    archive: 'queue.tar.zst',
    now,
    randomName: () => {
      names += 1;
      return `r${names}`;
    },
  });
}

function stage(directory: string, index: number): JournalEntry {
  const nowNs = BigInt(now().getTime()) * 1_000_000n;
  const options = { stagingDirectory: directory, index, kind: 'message', mtimeNs: nowNs, nowNs } as const;
  const content = `message ${index}`;
  const { staged: from, inode, size } = writeStagedFile(disk, options, [Buffer.from(content)]);
  return {
    from,
    inode,
    size,
    sha256: createHash('sha256').update(content).digest('hex'),
    queueName: 'hold',
    queueId: 'A00011F',
    fingerprint: String(index).padStart(64, '0'),
    newQueueName: 'hold',
    newQueueId: `A0001${inode.toString(16).toUpperCase()}`,
    mode: 0o700,
    logs: [],
  };
}

const GROUND = () => ({ fs: disk, queueDirectory: '/queue', layout: DEFAULT_LAYOUT, enableLongQueueIds: false });

function options(changes: Partial<CarryOutOptions> = {}): CarryOutOptions {
  const known = staging.known();
  const at = { journal: staging.journal, stagingDirectory: staging.directory, known };
  return { target: GROUND(), ...at, onDone: () => undefined, now, ...changes };
}

const readyOnes = (): number =>
  disk.readdir('/queue/hold').filter((name) => disk.lstat(`/queue/hold/${name}`)?.mode === 0o700).length;

beforeEach(() => {
  disk = new SimulatedFileSystem();
  makeDirectories(disk, '/queue/hold');
  makeDirectories(disk, '/queue/postsnap');
  staging = begin();
  for (let index = 0; index < MESSAGES; index += 1) {
    staging.append(stage(staging.directory, index));
  }
});

describe('carrying out', () => {
  it('tells each message as it is made ready, and leaves a receipt of the journal', async () => {
    staging.seal();
    const told: string[] = [];
    await carryOut(options({ onDone: (entry) => told.push(entry.fingerprint) }));
    expect(new Set(told).size).toBe(MESSAGES);
    expect(readyOnes()).toBe(MESSAGES);
    const receipt = staging.journal.replace(/journal$/u, 'receipt');
    expect(disk.readdir('/queue/postsnap').map((name) => `/queue/postsnap/${name}`)).toEqual([receipt]);
  });

  it('relabels every file that has its place, before one is ready', async () => {
    staging.seal();
    const relabelled: string[] = [];
    const relabel = (paths: Iterable<string>): ReadonlyMap<string, string> => {
      relabelled.push(...paths);
      expect(readyOnes()).toBe(0);
      return new Map();
    };
    await carryOut(options({ relabel }));
    expect(relabelled.length).toBe(MESSAGES);
    expect(relabelled.every((path) => disk.lstat(path)?.mode === 0o700)).toBe(true);
  });

  it('stops between two messages at a signal, and goes on at the next call', async () => {
    staging.seal();
    const abort = new AbortController();
    const interrupted = carryOut(options({ signal: abort.signal, onDone: () => abort.abort() }));
    await expect(interrupted).rejects.toBeInstanceOf(InterruptedError);
    expect(readyOnes()).toBeGreaterThan(0);
    expect(readyOnes()).toBeLessThan(MESSAGES);
    const finished = await finishJournals({ ...GROUND(), now });
    expect(finished.messages.size).toBe(MESSAGES);
    expect(readyOnes()).toBe(MESSAGES);
  });

  it('says that the same command goes on when a call fails', async () => {
    staging.seal();
    const fs = faultyFileSystem(
      disk,
      new Faults().failWhen(({ name }) => name === 'fchmod', 'EIO'),
    );
    const failed = carryOut(options({ target: { ...options().target, fs } }));
    await expect(failed).rejects.toBeInstanceOf(SystemError);
    await expect(failed).rejects.toMatchObject({ errno: 'EIO', nextStep: expect.stringContaining('goes on') });
    expect(readJournalStatus(disk, staging.journal).state).toBe('unfinished');
  });
});

describe('carrying out submissions', () => {
  const SUBMITTER = { uid: 1000, gid: 1001 };

  /** Stages genuine submissions, the first ten of which nothing but the journal calls so. */
  function stageSubmissions(): CarryOutOptions {
    makeDirectories(disk, '/queue/maildrop');
    staging = begin();
    for (let index = 0; index < MESSAGES; index += 1) {
      const to = { queueName: 'maildrop', newQueueName: 'maildrop', mode: 0o744, owner: SUBMITTER } as const;
      staging.append({ ...stage(staging.directory, index), ...to });
    }
    staging.seal();
    const mailOwner = disk.lstat(staging.journal)?.uid ?? -1;
    const submitters = {
      service: submissionService({ fs: disk, queueDirectory: '/queue', mailOwner }),
      isProven: ({ fingerprint }: JournalEntry) => Number(fingerprint) >= 10,
    };
    return options({ target: { ...options().target, submitters } });
  }

  it('tells of them in the order of the journal', async () => {
    const own = stageSubmissions();
    const told: number[] = [];
    await carryOut({ ...own, onDone: ({ fingerprint }) => told.push(Number(fingerprint)) });
    expect(told).toEqual(Array.from({ length: MESSAGES }, (_, index) => index));
  });

  it('leaves to mail_owner what nothing but the journal says', async () => {
    const own = stageSubmissions();
    const unproven: string[] = [];
    await carryOut({ ...own, onUnproven: ({ fingerprint }) => unproven.push(fingerprint.slice(-2)) });
    expect(unproven).toEqual(['00', '01', '02', '03', '04', '05', '06', '07', '08', '09']);
    const owners = disk.readdir('/queue/maildrop').map((name) => disk.lstat(`/queue/maildrop/${name}`)?.uid);
    expect(owners.filter((uid) => uid === SUBMITTER.uid)).toHaveLength(MESSAGES - unproven.length);
  });

  it('leaves to mail_owner what the system does not let root give away, and makes it ready', async () => {
    const own = stageSubmissions();
    const fs = faultyFileSystem(
      disk,
      new Faults().failWhen(({ name }) => name === 'fchown', 'EPERM'),
    );
    const service = submissionService({ fs, queueDirectory: '/queue', mailOwner: 0 });
    const target = { ...own.target, submitters: { service, isProven: () => true } };
    let kept = 0;
    await carryOut({
      ...own,
      target,
      onUnproven: () => {
        kept += 1;
      },
    });
    expect(kept).toBe(MESSAGES);
    const modes = disk.readdir('/queue/maildrop').map((name) => disk.lstat(`/queue/maildrop/${name}`)?.mode);
    expect(modes.filter((mode) => mode === 0o744)).toHaveLength(MESSAGES);
  });
});

describe('staging', () => {
  it('takes everything back until it is sealed', () => {
    staging.discard();
    expect(disk.readdir('/queue/postsnap')).toEqual([]);
    expect(disk.readdir('/queue/hold')).toEqual([]);
    expect(disk.openDescriptors).toBe(0);
  });

  it('takes nothing back once the journal has its name, even if sealing it failed', () => {
    // The journal's name may be durable: what it names must stay.
    const state = staging.journal.slice(0, staging.journal.lastIndexOf('/'));
    const before = staging.directory;
    const renamed = new Faults().failWhen(({ name, paths }) => name === 'open' && paths[0] === state, 'EIO');
    const failing = beginFailing(renamed);
    expect(() => failing.seal()).toThrow('EIO');
    failing.discard();
    expect(readJournalStatus(disk, failing.journal).state).toBe('unfinished');
    expect(disk.lstat(`${failing.directory}/0/0.message`)?.links).toBe(1);
    expect(before).not.toBe(failing.directory);
  });

  function beginFailing(faults: Faults): Staging {
    const fs = faultyFileSystem(disk, faults);
    const other = new Staging({
      fs,
      queueDirectory: '/queue',
      layout: DEFAULT_LAYOUT,
      snapshotId: 'snapshot',
      into: 'queues',
      archive: 'queue.tar.zst',
      now,
      randomName: () => 'failing',
    });
    other.append(stage(other.directory, 0));
    return other;
  }
});

describe('finishing what is pending', () => {
  it('carries out the oldest first, sweeps strays, and touches no receipt', async () => {
    staging.seal();
    const later = begin();
    later.append(stage(later.directory, 0));
    later.seal();
    const stray = begin();
    stray.append(stage(stray.directory, 0));
    disk.endProcess();
    const finished = await finishJournals({ ...GROUND(), now });
    expect(finished.messages.size).toBe(MESSAGES);
    expect(readyOnes()).toBe(MESSAGES + 1);
    const left = disk.readdir('/queue/postsnap').sort();
    const receipts = [staging.journal, later.journal].map((path) => path.replace(/journal$/u, 'receipt'));
    expect(left.map((name) => `/queue/postsnap/${name}`)).toEqual(receipts.sort());
    expect((await finishJournals({ ...GROUND(), now })).messages.size).toBe(0);
  });
});

it.each([
  ['at once', {}],
  ['at a pace', { pace: { rate: { messages: 50, per: 's' }, by: 'arrival' } }],
] as const)('removes no message that could not be read in the journal any more: %s', async (_, slowly) => {
  disk = new SimulatedFileSystem();
  for (const queue of ['hold', 'postsnap']) {
    makeDirectories(disk, `/queue/${queue}`);
  }
  staging = begin();
  const entries = [0, 1, 2].map((index) => stage(staging.directory, index));
  for (const entry of entries) {
    staging.append(entry);
  }
  staging.seal();
  const at = Buffer.from(readWhole(disk, staging.journal)).indexOf(entries[1]?.from ?? '');
  const damage = new Faults().beforeCall(({ name }) => {
    if (name === 'link') {
      const fd = disk.open(staging.journal, O_WRONLY);
      disk.write(fd, Buffer.from('"'), at);
      disk.close(fd);
    }
  });
  const clock = { now: () => 0, sleep: () => Promise.resolve() };
  const carried = carryOut(options({ target: { ...GROUND(), fs: faultyFileSystem(disk, damage) }, clock, ...slowly }));
  await expect(carried).rejects.toBeInstanceOf(SystemError);
  expect(disk.lstat(`${staging.directory}/${entries[1]?.from}`)).toBeDefined();
});
