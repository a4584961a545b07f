import { describe, expect, it } from 'vitest';
import { stagedTime, writeStagedFile } from '../../../src/journal/staged-file.ts';
import { Faults, faultyFileSystem } from '../../support/disk/faults.ts';
import { SimulatedFileSystem } from '../../support/disk/simulated-file-system.ts';
import { makeDirectories, putFile, readWhole } from '../../support/disk/tree.ts';

const NOW_NS = 1_700_000_000_000_000_000n;
const HOUR_NS = 3_600_000_000_000n;
const OPTIONS = { stagingDirectory: '/staged', index: 1234, kind: 'message', mtimeNs: NOW_NS, nowNs: NOW_NS } as const;

function makeDisk(): SimulatedFileSystem {
  const disk = new SimulatedFileSystem();
  makeDirectories(disk, '/staged');
  return disk;
}

describe('stagedTime', () => {
  it.each([
    ['a time in the future', HOUR_NS, HOUR_NS],
    ['the time now', 0n, 0n],
    ['a time half a day ago', -12n * HOUR_NS, -12n * HOUR_NS],
    ['a time before that, which gets half a day ago', -12n * HOUR_NS - 1n, -12n * HOUR_NS],
    ['a time years ago, likewise', -100_000n * HOUR_NS, -12n * HOUR_NS],
  ])('of %s', (_title, age, expected) => {
    expect(stagedTime(NOW_NS + age, NOW_NS)).toBe(NOW_NS + expected);
  });
});

describe('writeStagedFile', () => {
  it('writes the pieces, unready, under a name that is no queue ID', () => {
    const disk = makeDisk();
    const file = writeStagedFile(disk, OPTIONS, [Buffer.from('ab'), Buffer.from('c')]);
    expect(file).toMatchObject({ staged: '1/1234.message', size: 3 });
    expect(Buffer.from(readWhole(disk, '/staged/1/1234.message')).toString()).toBe('abc');
    expect(disk.lstat('/staged/1/1234.message')).toMatchObject({ mode: 0o600, inode: file.inode, mtimeNs: NOW_NS });
    expect(disk.openDescriptors).toBe(0);
  });

  it('writes an empty file', () => {
    const disk = makeDisk();
    expect(writeStagedFile(disk, { ...OPTIONS, kind: 'trace' }, []).size).toBe(0);
    expect(disk.lstat('/staged/1/1234.trace')?.size).toBe(0);
  });

  it('touches nothing that is there, links included', () => {
    const disk = makeDisk();
    putFile(disk, '/staged/1/1234.message', { content: 'another' });
    putFile(disk, '/secret', { content: 'secret' });
    disk.symlink('/secret', '/staged/1/1234-2.message');
    expect(writeStagedFile(disk, OPTIONS, [Buffer.from('x')]).staged).toBe('1/1234-3.message');
    expect(Buffer.from(readWhole(disk, '/staged/1/1234.message')).toString()).toBe('another');
    expect(Buffer.from(readWhole(disk, '/secret')).toString()).toBe('secret');
  });

  it('closes the file when the disk is full', () => {
    const disk = makeDisk();
    const fs = faultyFileSystem(
      disk,
      new Faults().failWhen(({ name }) => name === 'write', 'ENOSPC'),
    );
    expect(() => writeStagedFile(fs, OPTIONS, [Buffer.from('x')])).toThrow('ENOSPC');
    expect(disk.openDescriptors).toBe(0);
  });

  it.each([
    [0, '0/0.message'],
    [999, '0/999.message'],
    [1000, '1/1000.message'],
    [2000, '2/2000.message'],
  ])('puts a thousand messages into a directory: number %d', (index, staged) => {
    expect(writeStagedFile(makeDisk(), { ...OPTIONS, index }, []).staged).toBe(staged);
  });
});
