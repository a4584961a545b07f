import { describe, expect, it } from 'vitest';
import { openSpoolFile } from '../../../src/fs/unnamed-file.ts';
import { SimulatedFileSystem } from '../../support/disk/simulated-file-system.ts';
import { putFile } from '../../support/disk/tree.ts';

describe('openSpoolFile', () => {
  it('has no name, and can be written and read', () => {
    const disk = new SimulatedFileSystem();
    putFile(disk, '/.postsnap.r1.tmp', { content: 'theirs' });
    const names = ['r1', 'r2'].values();
    const fd = openSpoolFile(disk, '/', () => names.next().value ?? '');
    expect(disk.readdir('/')).toEqual(['.postsnap.r1.tmp']);
    disk.write(fd, Buffer.from('spooled'));
    const buffer = Buffer.alloc(7);
    disk.read(fd, buffer, { offset: 0, length: 7, position: 0 });
    expect(buffer.toString()).toBe('spooled');
    expect(disk.fstat(fd)).toMatchObject({ mode: 0o600, links: 0 });
  });

  it('says where it could not be made', () => {
    const disk = new SimulatedFileSystem();
    let thrown: unknown;
    try {
      openSpoolFile(disk, '/missing', () => 'r');
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code: 'refused', errno: 'ENOENT', path: '/missing', nextStep: expect.any(String) });
  });
});
