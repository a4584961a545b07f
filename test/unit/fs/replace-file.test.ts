/** A file that is written anew: its readers see the old one or the new one. */

import { describe, expect, it } from 'vitest';
import { SystemError } from '../../../src/errors.ts';
import type { FileSystem } from '../../../src/fs/file-system.ts';
import { replaceFile } from '../../../src/fs/replace-file.ts';
import { crashChoices } from '../../support/disk/crash-choice.ts';
import { Crash, Faults, faultyFileSystem } from '../../support/disk/faults.ts';
import { SimulatedFileSystem } from '../../support/disk/simulated-file-system.ts';
import { putFile, readWhole } from '../../support/disk/tree.ts';

function newDisk(): SimulatedFileSystem {
  const disk = new SimulatedFileSystem();
  putFile(disk, '/out/a.prom', { content: 'old', mode: 0o600 });
  disk.syncFileSystem('/out');
  return disk;
}

function replace(fs: FileSystem): void {
  replaceFile(fs, '/out/a.prom', { content: Buffer.from('new one'), mode: 0o644, randomName: () => 'r' });
}

const text = (fs: FileSystem): string => Buffer.from(readWhole(fs, '/out/a.prom')).toString();

describe('a replaced file', () => {
  it('has the new content and mode, and nothing is left beside it', () => {
    const disk = newDisk();
    replace(disk);
    expect([text(disk), disk.lstat('/out/a.prom')?.mode, disk.readdir('/out')]).toEqual(['new one', 0o644, ['a.prom']]);
  });

  it.each(['before', 'during', 'after'] as const)(
    'is the old one or the new one, whole, if cut off %s any call',
    (moment) => {
      const faults = new Faults();
      replace(faultyFileSystem(newDisk(), faults));
      for (const { index } of faults.calls) {
        const disk = newDisk();
        expect(() => replace(faultyFileSystem(disk, new Faults().crashAt(index, moment)))).toThrow(Crash);
        for (const choice of crashChoices(10)) {
          const image = disk.afterCrash(choice);
          expect(['old', 'new one'], `call ${index}, ${choice.title}`).toContain(text(image));
        }
      }
    },
  );

  it('is durable when the call returns', () => {
    const disk = newDisk();
    replace(disk);
    for (const choice of crashChoices(10)) {
      expect(text(disk.afterCrash(choice)), choice.title).toBe('new one');
    }
  });

  it('stays as it was where a call fails, with nothing beside it', () => {
    const disk = newDisk();
    const faults = new Faults().failWhen(({ name }) => name === 'write', 'ENOSPC');
    expect(() => replace(faultyFileSystem(disk, faults))).toThrow(SystemError);
    expect([text(disk), disk.readdir('/out')]).toEqual(['old', ['a.prom']]);
  });

  it('takes the place of a link, and leaves what that led to', () => {
    const disk = newDisk();
    putFile(disk, '/elsewhere', { content: 'theirs' });
    disk.unlink('/out/a.prom');
    disk.symlink('/elsewhere', '/out/a.prom');
    replace(disk);
    expect([disk.lstat('/out/a.prom')?.type, disk.lstat('/elsewhere')?.size]).toEqual(['file', 6]);
  });
});
