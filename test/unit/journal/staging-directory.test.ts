import { describe, expect, it } from 'vitest';
import {
  draftPath,
  removeStagingDirectory,
  stagedFiles,
  stagingRemoval,
} from '../../../src/journal/staging-directory.ts';
import { Faults, faultyFileSystem } from '../../support/disk/faults.ts';
import { SimulatedFileSystem } from '../../support/disk/simulated-file-system.ts';
import { putFile, readWhole, snapshotTree } from '../../support/disk/tree.ts';

function makeDisk(): SimulatedFileSystem {
  const disk = new SimulatedFileSystem();
  putFile(disk, '/state/run.staged/0/0.message', {});
  putFile(disk, '/state/run.staged/0/0.defer', {});
  putFile(disk, '/state/run.staged/1/1000.message', {});
  putFile(disk, draftPath('/state/run.staged', 1), {});
  return disk;
}

describe('stagedFiles', () => {
  it('names the staged files and the directories that they are in, not the journal’s draft', () => {
    const { files, directories } = stagedFiles(makeDisk(), '/state/run.staged');
    expect([...files].sort()).toEqual([
      '/state/run.staged/0/0.defer',
      '/state/run.staged/0/0.message',
      '/state/run.staged/1/1000.message',
    ]);
    expect([...directories].sort()).toEqual(['/state/run.staged/0', '/state/run.staged/1']);
  });
});

describe('removeStagingDirectory', () => {
  it('removes it with all that is in it, and is content when it is gone', () => {
    const disk = makeDisk();
    removeStagingDirectory(disk, '/state/run.staged');
    removeStagingDirectory(disk, '/state/run.staged');
    expect(disk.readdir('/state')).toEqual([]);
  });

  it('follows no link', () => {
    const disk = makeDisk();
    putFile(disk, '/precious/file', { content: 'precious' });
    disk.symlink('/precious', '/state/run.staged/2');
    disk.symlink('/precious', '/state/other.staged');
    removeStagingDirectory(disk, '/state/run.staged');
    removeStagingDirectory(disk, '/state/other.staged');
    expect(Buffer.from(readWhole(disk, '/precious/file')).toString()).toBe('precious');
    expect(disk.readdir('/state')).toEqual(['other.staged']);
  });

  it('leaves a directory in which an NFS client keeps an open file', () => {
    const disk = makeDisk();
    const fs = faultyFileSystem(
      disk,
      new Faults().failWhen(({ name }) => name === 'rmdir', 'ENOTEMPTY'),
    );
    removeStagingDirectory(fs, '/state/run.staged');
    expect([...snapshotTree(disk, '/state').values()].every(({ type }) => type === 'directory')).toBe(true);
  });
});

describe('stagingRemoval', () => {
  it('may be left off after a directory, and taken up again', () => {
    const disk = makeDisk();
    const removal = stagingRemoval(disk, '/state/run.staged');
    expect(removal.next().done).toBe(false);
    expect(disk.readdir('/state/run.staged')).toHaveLength(2);
    expect([...stagingRemoval(disk, '/state/run.staged')]).toHaveLength(1);
    expect(disk.readdir('/state')).toEqual([]);
  });
});
