import { constants } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ensureStateDirectory, listJournals, listStagings } from '../../../src/journal/state-directory.ts';
import { Faults, faultyFileSystem } from '../../support/disk/faults.ts';
import { SimulatedFileSystem } from '../../support/disk/simulated-file-system.ts';
import { makeDirectories, putFile } from '../../support/disk/tree.ts';

const OWNER = { uid: 101, gid: 102 };
const PATH = '/queue/postsnap';

function makeDisk(): SimulatedFileSystem {
  const disk = new SimulatedFileSystem();
  makeDirectories(disk, '/queue');
  return disk;
}

describe('ensureStateDirectory', () => {
  it('makes it, for nobody but its owner', () => {
    const disk = makeDisk();
    ensureStateDirectory(disk, '/queue', OWNER);
    expect(disk.lstat(PATH)).toMatchObject({ type: 'directory', mode: 0o700, ...OWNER });
    expect(disk.openDescriptors).toBe(0);
  });

  it('leaves alone what is right, without a change', () => {
    const disk = makeDisk();
    ensureStateDirectory(disk, '/queue', OWNER);
    const faults = new Faults();
    ensureStateDirectory(faultyFileSystem(disk, faults), '/queue', OWNER);
    expect(new Set(faults.calls.map(({ name }) => name))).toEqual(new Set(['lstat']));
  });

  it('closes one to others that was made too open: its journals decide what is sent', () => {
    const disk = makeDisk();
    ensureStateDirectory(disk, '/queue', OWNER);
    const fd = disk.open(PATH, constants.O_RDONLY);
    disk.fchmod(fd, 0o777);
    disk.close(fd);
    ensureStateDirectory(disk, '/queue', OWNER);
    expect(disk.lstat(PATH)).toMatchObject({ mode: 0o700, ...OWNER });
  });

  it.each(['/etc', 'nowhere'])('refuses a link to %s, and gives nobody what it leads to', (leadsTo) => {
    const disk = makeDisk();
    makeDirectories(disk, '/etc');
    disk.symlink(leadsTo, PATH);
    expect(() => ensureStateDirectory(disk, '/queue', OWNER)).toThrow('is no directory');
    expect(disk.lstat('/etc')?.uid).toBe(0);
  });

  it('gives away no directory that a link leads to, when the link comes between the look and the call', () => {
    const disk = makeDisk();
    makeDirectories(disk, PATH);
    makeDirectories(disk, '/etc');
    const faults = new Faults().beforeCall(({ name }) => {
      if (name === 'open') {
        disk.rmdir(PATH);
        disk.symlink('/etc', PATH);
      }
    });
    expect(() => ensureStateDirectory(faultyFileSystem(disk, faults), '/queue', OWNER)).toThrow();
    expect(disk.lstat('/etc')?.uid).toBe(0);
  });

  it('is content with a mkdir that was done and reported as failed', () => {
    const disk = makeDisk();
    const faults = new Faults().falseErrorsAtRandom({ seed: 1, rate: 1 });
    ensureStateDirectory(faultyFileSystem(disk, faults), '/queue', OWNER);
    expect(disk.lstat(PATH)?.uid).toBe(OWNER.uid);
  });

  it.each([
    ['mkdir', 'EROFS', 'mount it for writing'],
    ['mkdir', 'ENOSPC', 'Make it by hand'],
    ['fchown', 'EPERM', 'root_squash'],
  ])('says what to do when %s fails', (call, errno, nextStep) => {
    const fs = faultyFileSystem(
      makeDisk(),
      new Faults().failWhen(({ name }) => name === call, errno),
    );
    expect(() => ensureStateDirectory(fs, '/queue', OWNER)).toThrow(
      expect.objectContaining({ errno, nextStep: expect.stringContaining(nextStep) }),
    );
  });
});

it('says who may make the directory, where mail_owner may not', () => {
  const fs = faultyFileSystem(
    makeDisk(),
    new Faults().failWhen(({ name }) => name === 'mkdir', 'EACCES'),
  );
  expect(() => ensureStateDirectory(fs, '/queue', OWNER)).toThrow(
    expect.objectContaining({ code: 'not-permitted', nextStep: expect.stringContaining('As root: make it by hand') }),
  );
});

describe('the lists of journals and staging directories', () => {
  it('are empty where nothing was restored yet', () => {
    expect(listJournals(makeDisk(), '/queue')).toEqual([]);
    expect(listStagings(makeDisk(), '/queue')).toEqual([]);
  });

  it('are in the order of their names, which begin with the time', () => {
    const disk = makeDisk();
    for (const name of ['20260102-b.journal', '20260101-z.journal', '20260103-a.staged', 'lock', 'x.tmp']) {
      putFile(disk, `${PATH}/${name}`, {});
    }
    expect(listJournals(disk, '/queue')).toEqual([`${PATH}/20260101-z.journal`, `${PATH}/20260102-b.journal`]);
    expect(listStagings(disk, '/queue')).toEqual([`${PATH}/20260103-a.staged`]);
  });
});
