import { describe, expect, it } from 'vitest';
import { isSameFile } from '../../../src/fs/same-file.ts';
import { SimulatedFileSystem } from '../../support/disk/simulated-file-system.ts';
import { putFile } from '../../support/disk/tree.ts';

describe('isSameFile', () => {
  it('compares device and inode, and knows nothing of what is not there', () => {
    const disk = new SimulatedFileSystem();
    putFile(disk, '/a', { content: 'a' });
    putFile(disk, '/b', { content: 'b' });
    disk.mount('/disk');
    const a = disk.lstat('/a');
    expect(isSameFile(a, disk.lstat('/a'))).toBe(true);
    expect(isSameFile(a, disk.lstat('/b'))).toBe(false);
    expect(isSameFile(undefined, undefined)).toBe(false);
    expect(a !== undefined && isSameFile(a, { ...a, device: a.device + 1n })).toBe(false);
  });
});
