import { describe, expect, it } from 'vitest';
import { O_CREAT, O_NOATIME, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } from '../../../src/fs/open-flags.ts';
import { isWorkingDirectory, withRootsReading } from '../../../src/rights/owner-file-system.ts';
import type { RootReading } from '../../../src/rights/root-door.ts';
import { errnoError } from '../../support/disk/errno-error.ts';
import { SimulatedFileSystem } from '../../support/disk/simulated-file-system.ts';
import { makeDirectories, putFile } from '../../support/disk/tree.ts';

const READING = O_RDONLY | O_NOFOLLOW | O_NONBLOCK;

/** A queue whose file deferred/A/ROOTS only root can read. */
function makeQueue() {
  const inner = new SimulatedFileSystem();
  makeDirectories(inner, '/spool/deferred/A', 0o700);
  putFile(inner, '/spool/deferred/A/ROOTS', { content: 'of root', mode: 0o700 });
  putFile(inner, '/spool/deferred/A/OWN', { content: 'own', mode: 0o700 });
  const asked: string[] = [];
  const root: RootReading = {
    open: (place) => {
      asked.push(place);
      return inner.open(`/spool/${place}`, READING);
    },
    status: (handle) => inner.fstat(handle),
    read: (handle, position, length) => {
      const bytes = new Uint8Array(length);
      return bytes.subarray(0, inner.read(handle, bytes, { offset: 0, length, position }));
    },
    close: (handle) => inner.close(handle),
  };
  const refusing = Object.assign(Object.create(inner), {
    open: (path: string, flags: number, mode?: number) => {
      if (path.includes('ROOTS') || path.includes('secret')) {
        throw errnoError('EACCES', 'open');
      }
      return inner.open(path, flags, mode);
    },
    fstat: (fd: number) => inner.fstat(fd),
    read: (fd: number, buffer: Uint8Array, range: Parameters<typeof inner.read>[2]) => inner.read(fd, buffer, range),
    close: (fd: number) => inner.close(fd),
  });
  return { asked, fs: withRootsReading(refusing, '/spool', root) };
}

describe('a queue with files of root’s', () => {
  it('is read with root’s help, where it is needed', () => {
    const { fs, asked } = makeQueue();
    for (const [name, content] of [
      ['OWN', 'own'],
      ['ROOTS', 'of root'],
    ] as const) {
      const fd = fs.open(`/spool/deferred/A/${name}`, READING | O_NOATIME);
      expect(fs.fstat(fd).size).toBe(content.length);
      const buffer = Buffer.alloc(20, '.');
      expect(fs.read(fd, buffer, { offset: 2, length: 18, position: 0 })).toBe(content.length);
      expect(buffer.toString()).toBe(`..${content}`.padEnd(20, '.'));
      fs.close(fd);
    }
    expect(asked).toEqual(['deferred/A/ROOTS']);
  });

  it.each([
    ['to write', '/spool/deferred/A/ROOTS', O_WRONLY],
    ['to make', '/spool/deferred/A/ROOTS', O_RDONLY | O_CREAT],
    ['a file of the state directory', '/spool/postsnap/ROOTS', READING],
    ['a file outside', '/secret', READING],
  ])('asks root for nothing else: %s', (_, path, flags) => {
    const { fs, asked } = makeQueue();
    expect(() => fs.open(path, flags)).toThrow('EACCES');
    expect(asked).toEqual([]);
  });
});

describe('isWorkingDirectory', () => {
  const status = new SimulatedFileSystem().lstat('/');

  it('is true of the same directory alone', () => {
    expect(isWorkingDirectory({ lstat: () => status }, '/q')).toBe(true);
    expect(isWorkingDirectory({ lstat: (path) => (path === '.' ? status : undefined) }, '/q')).toBe(false);
  });

  it('is false where the way there is closed', () => {
    const closed = (path: string): typeof status => {
      if (path !== '.') {
        throw errnoError('EACCES', 'lstat');
      }
      return status;
    };
    expect(isWorkingDirectory({ lstat: closed }, '/q')).toBe(false);
  });
});
