import { describe, expect, it } from 'vitest';
import { openUnnamedFile } from '../../../src/fs/unnamed-file.ts';
import { Faults, faultyFileSystem } from '../../support/disk/faults.ts';
import { SimulatedFileSystem } from '../../support/disk/simulated-file-system.ts';
import { putFile } from '../../support/disk/tree.ts';

describe('openUnnamedFile', () => {
  it('has no name, and can be written and read', () => {
    const disk = new SimulatedFileSystem();
    putFile(disk, '/.postsnap.r1.tmp', { content: 'theirs' });
    const names = ['r1', 'r2'].values();
    const fd = openUnnamedFile(disk, '/', () => names.next().value ?? '');
    expect(disk.readdir('/')).toEqual(['.postsnap.r1.tmp']);
    disk.write(fd, Buffer.from('spooled'));
    const buffer = Buffer.alloc(7);
    disk.read(fd, buffer, { offset: 0, length: 7, position: 0 });
    expect(buffer.toString()).toBe('spooled');
    expect(disk.fstat(fd)).toMatchObject({ mode: 0o600, links: 0 });
  });

  it('leaves no name and no other file behind on an NFS that reports false errors', () => {
    for (let seed = 0; seed < 30; seed += 1) {
      const disk = new SimulatedFileSystem();
      let count = 0;
      const fs = faultyFileSystem(disk, new Faults().falseErrorsAtRandom({ seed, rate: 0.5 }));
      const nextName = (): string => {
        count += 1;
        return `r${count}`;
      };
      const fd = openUnnamedFile(fs, '/', nextName);
      expect(disk.readdir('/'), `seed ${seed}`).toEqual([]);
      disk.close(fd);
      expect(disk.openDescriptors).toBe(0);
    }
  });

  it('closes what it can not make nameless', () => {
    const disk = new SimulatedFileSystem();
    const fs = faultyFileSystem(
      disk,
      new Faults().failWhen(({ name }) => name === 'unlink', 'EIO'),
    );
    expect(() => openUnnamedFile(fs, '/', () => 'r')).toThrow('EIO');
    expect(disk.openDescriptors).toBe(0);
  });

  it('says where it could not be made', () => {
    const disk = new SimulatedFileSystem();
    let thrown: unknown;
    try {
      openUnnamedFile(disk, '/missing', () => 'r');
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code: 'refused', errno: 'ENOENT', path: '/missing', nextStep: expect.any(String) });
  });
});
