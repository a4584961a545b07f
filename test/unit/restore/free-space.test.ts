import { describe, expect, it } from 'vitest';
import { checkRoom } from '../../../src/restore/free-space.ts';
import { SimulatedFileSystem } from '../../support/disk/simulated-file-system.ts';

describe('checkRoom', () => {
  const disk = new SimulatedFileSystem({ capacity: { bytes: 100_000, inodes: 100 } });
  const fits = { messages: 10, files: 30, bytes: 81_920 };

  it('lets pass what fits', () => {
    expect(() => checkRoom(disk, '/', fits)).not.toThrow();
  });

  it('says how many bytes are missing', () => {
    expect(() => checkRoom(disk, '/', { ...fits, bytes: 90_000 })).toThrow(
      '240 bytes are missing: 100240 are needed, 100000 are free',
    );
  });

  it('counts the journal', () => {
    expect(() => checkRoom(disk, '/', { ...fits, messages: 100 })).toThrow('bytes are missing');
  });

  it('says how many inodes are missing', () => {
    expect(() => checkRoom(disk, '/', { ...fits, files: 40 })).toThrow(
      '5 inodes are missing: 104 are needed, 99 are free',
    );
  });

  it('is an error of the disk, for which room must be made', () => {
    expect(() => checkRoom(disk, '/', { ...fits, files: 4000 })).toThrow(
      expect.objectContaining({ code: 'io', errno: 'ENOSPC', nextStep: expect.stringContaining('Make room') }),
    );
  });

  it('does not count inodes where the file system makes them as it needs them', () => {
    expect(() => checkRoom(new SimulatedFileSystem(), '/', { ...fits, files: 10_000_000 })).not.toThrow();
  });
});
