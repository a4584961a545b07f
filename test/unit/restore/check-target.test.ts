/** The target of a restore, looked over before the first write. */

import { describe, expect, it } from 'vitest';
import { DEFAULT_LAYOUT } from '../../../src/queue/layout.ts';
import { checkQueues, sweepTrials, tryLinks } from '../../../src/restore/check-target.ts';
import { type Call, Faults, faultyFileSystem } from '../../support/disk/faults.ts';
import { SimulatedFileSystem } from '../../support/disk/simulated-file-system.ts';
import { makeDirectories, putFile, snapshotTree } from '../../support/disk/tree.ts';

function makeDisk(more: readonly string[] = ['/queue/postsnap']): SimulatedFileSystem {
  const disk = new SimulatedFileSystem();
  for (const directory of ['/queue/deferred/4', '/queue/deferred/5', '/queue/defer', '/queue/maildrop', ...more]) {
    makeDirectories(disk, directory);
  }
  return disk;
}

function trying(
  disk: SimulatedFileSystem,
  fails: (call: Call) => boolean,
  errno: string,
): { error: unknown; calls: Call[] } {
  const faults = new Faults().failWhen(fails, errno);
  const queues = ['deferred', 'defer', 'maildrop'] as const;
  try {
    const fs = faultyFileSystem(disk, faults);
    tryLinks(fs, { queueDirectory: '/queue', layout: DEFAULT_LAYOUT, queues, randomName: () => 'x' });
    return { error: undefined, calls: faults.calls };
  } catch (error) {
    return { error, calls: faults.calls };
  }
}

const nothing = (): boolean => false;
const linksInto = (directory: string) => (call: Call) =>
  call.name === 'link' && call.paths[1] === `${directory}/postsnap.try`;

describe('the trial of links', () => {
  it.each([
    ['the state directory', ['/queue/postsnap']],
    ['a queue, where there is no state directory yet', []],
  ])('leads into every directory that may get a file, from %s, and leaves nothing', (_, more) => {
    const disk = makeDisk(more);
    const before = snapshotTree(disk, '/queue');
    const { error, calls } = trying(disk, nothing, '');
    expect(error).toBeUndefined();
    const tried = calls.filter(({ name }) => name === 'link').map(({ paths }) => paths[1]);
    for (const directory of ['deferred', 'deferred/4', 'deferred/5', 'defer', 'maildrop']) {
      expect(tried).toContain(`/queue/${directory}/postsnap.try`);
    }
    expect([...snapshotTree(disk, '/queue').keys()]).toEqual([...before.keys()]);
  });

  it.each([
    ['a mount of the same file system', '/queue/defer', 'EXDEV'],
    ['a hash directory of root’s', '/queue/deferred/4', 'EACCES'],
    ['a file system without hard links', '/queue/postsnap', 'EPERM'],
  ])('refuses %s by its name, and leaves nothing', (_, directory, errno) => {
    const disk = makeDisk();
    const { error } = trying(disk, linksInto(directory), errno);
    expect(error).toMatchObject({ code: 'refused', errno, path: directory, nextStep: expect.any(String) });
    expect([...snapshotTree(disk, '/queue').keys()].filter((path) => path.includes('try'))).toEqual([]);
  });

  it('takes back what a trial that was killed has left', () => {
    const disk = makeDisk();
    trying(disk, ({ name, paths }) => name === 'unlink' && paths[0] === '/queue/defer/postsnap.try', 'EIO');
    expect(disk.lstat('/queue/defer/postsnap.try')).toBeDefined();
    expect(trying(disk, nothing, '').error).toBeUndefined();
    expect(disk.lstat('/queue/defer/postsnap.try')).toBeUndefined();
  });
});

describe('the queues that will get files', () => {
  it('must all be there, and the next step says how they are made', () => {
    const disk = makeDisk();
    const target = { queueDirectory: '/queue', layout: DEFAULT_LAYOUT };
    expect(() => checkQueues(disk, target, ['deferred', 'defer'])).not.toThrow();
    expect(() => checkQueues(disk, target, ['deferred', 'hold', 'trace'])).toThrow(
      '/queue lacks the directories hold and trace',
    );
  });

  it('must be on the file system of the queue directory, with their hash directories', () => {
    const disk = makeDisk();
    disk.mount('/queue/deferred/6');
    const target = { queueDirectory: '/queue', layout: DEFAULT_LAYOUT };
    expect(() => checkQueues(disk, target, ['defer'])).not.toThrow();
    expect(() => checkQueues(disk, target, ['deferred'])).toThrow('/queue/deferred/6 is on another file system');
  });
});

it('sweeps what trials of an earlier run have left, and nothing else', () => {
  const disk = makeDisk();
  for (const name of ['try-1a2b.tmp', 'try-1a2b.tmp.link', 'try-1a2b', '20260101000000-r1.journal']) {
    putFile(disk, `/queue/postsnap/${name}`, {});
  }
  sweepTrials(disk, '/queue');
  expect(disk.readdir('/queue/postsnap').sort()).toEqual(['20260101000000-r1.journal', 'try-1a2b']);
});
