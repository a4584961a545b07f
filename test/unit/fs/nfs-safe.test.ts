import { describe, expect, it } from 'vitest';
import {
  createExclusive,
  createUnique,
  safeLink,
  safeMkdir,
  safeRename,
  safeUnlink,
} from '../../../src/fs/nfs-safe.ts';
import { Faults, faultyFileSystem } from '../../support/disk/faults.ts';
import { SimulatedFileSystem } from '../../support/disk/simulated-file-system.ts';
import { putFile, readWhole } from '../../support/disk/tree.ts';

/** A disk with the files a and b, and the same disk over an NFS that does what it is asked and reports errors. */
function disk(faults = new Faults()) {
  const bare = new SimulatedFileSystem();
  putFile(bare, '/a', { content: 'a' });
  putFile(bare, '/b', { content: 'b' });
  return { bare, fs: faultyFileSystem(bare, faults) };
}

const lying = () => new Faults().falseErrorsAtRandom({ seed: 1, rate: 1 });
const failing = (name: string, errno: string) => new Faults().failWhen((call) => call.name === name, errno);
const text = (fs: SimulatedFileSystem, path: string) => Buffer.from(readWhole(fs, path)).toString();

describe('safeRename', () => {
  it('renames', () => {
    const { bare, fs } = disk();
    safeRename(fs, '/a', '/c');
    expect(bare.readdir('/')).toEqual(['b', 'c']);
  });

  it.each(['ENOENT', 'EIO'])('believes the directory, not a false %s', (errno) => {
    const { bare, fs } = disk(new Faults().falseErrorAt(1, errno));
    safeRename(fs, '/a', '/b');
    expect(text(bare, '/b')).toBe('a');
  });

  it('reports a rename that was not done', () => {
    const { fs } = disk(failing('rename', 'EIO'));
    expect(() => safeRename(fs, '/a', '/c')).toThrow('EIO');
  });

  it('reports a missing old name, even if another file has the new name', () => {
    const { fs } = disk();
    expect(() => safeRename(fs, '/missing', '/b')).toThrow('ENOENT');
  });

  it('does not take another file under the new name for the old one', () => {
    const faults = new Faults();
    const { bare, fs } = disk(faults);
    // Somebody removes the old name right before the call.
    faults.beforeCall((call) => call.name === 'rename' && bare.unlink('/a'));
    expect(() => safeRename(fs, '/a', '/b')).toThrow('ENOENT');
    expect(text(bare, '/b')).toBe('b');
  });

  it('reports the error of the rename if the look at the directory fails too', () => {
    const faults = failing('rename', 'ENOENT');
    faults.failWhen((call) => call.name === 'lstat' && call.index > 1, 'EIO');
    expect(() => safeRename(disk(faults).fs, '/a', '/c')).toThrow('ENOENT');
  });
});

describe('safeLink', () => {
  it('links', () => {
    const { bare, fs } = disk();
    expect(safeLink(fs, '/a', '/c')).toBe('linked');
    expect(bare.lstat('/c')?.links).toBe(2);
  });

  it.each(['EEXIST', 'EIO'])('believes the directory, not a false %s', (errno) => {
    const { bare, fs } = disk(new Faults().falseErrorAt(0, errno));
    expect(safeLink(fs, '/a', '/c')).toBe('linked');
    expect(bare.lstat('/c')?.links).toBe(2);
  });

  it('never replaces, and tells that another file has the name', () => {
    const { bare, fs } = disk();
    expect(safeLink(fs, '/a', '/b')).toBe('exists');
    expect(text(bare, '/b')).toBe('b');
  });

  it('is content with a link that was there before', () => {
    const { fs } = disk();
    fs.link('/a', '/c');
    expect(safeLink(fs, '/a', '/c')).toBe('linked');
  });

  it('does not follow a symbolic link to the same file', () => {
    const { bare, fs } = disk();
    bare.symlink('a', '/c');
    expect(safeLink(fs, '/a', '/c')).toBe('exists');
  });

  it.each(['EPERM', 'EIO', 'ENOSPC'])('reports %s', (errno) => {
    expect(() => safeLink(disk(failing('link', errno)).fs, '/a', '/c')).toThrow(errno);
  });

  it('reports a missing file', () => {
    expect(() => safeLink(disk().fs, '/missing', '/c')).toThrow('ENOENT');
  });
});

describe('safeUnlink', () => {
  it('unlinks, also when told that there was nothing', () => {
    const { bare, fs } = disk(lying());
    safeUnlink(fs, '/a');
    expect(bare.readdir('/')).toEqual(['b']);
  });

  it('is content if the name is gone', () => {
    expect(() => safeUnlink(disk().fs, '/missing')).not.toThrow();
  });

  it('reports other errors', () => {
    expect(() => safeUnlink(disk(failing('unlink', 'EIO')).fs, '/a')).toThrow('EIO');
  });
});

describe('safeMkdir', () => {
  it('tells a new directory from one that was there', () => {
    const { bare, fs } = disk();
    expect(safeMkdir(fs, '/d', 0o700)).toBe('created');
    expect(safeMkdir(fs, '/d', 0o755)).toBe('exists');
    expect(bare.lstat('/d')?.mode).toBe(0o700);
  });

  it('is content with a directory that was made, whatever was reported', () => {
    const { bare, fs } = disk(lying());
    expect(safeMkdir(fs, '/d', 0o700)).toBe('exists');
    expect(bare.lstat('/d')?.type).toBe('directory');
  });

  it('refuses a file and a link to a directory', () => {
    const { bare, fs } = disk();
    bare.mkdir('/d', 0o700);
    bare.symlink('d', '/link');
    expect(() => safeMkdir(fs, '/a', 0o700)).toThrow('EEXIST');
    expect(() => safeMkdir(fs, '/link', 0o700)).toThrow('EEXIST');
  });

  it('reports other errors', () => {
    expect(() => safeMkdir(disk().fs, '/missing/d', 0o700)).toThrow('ENOENT');
  });
});

describe('exclusive creates', () => {
  it('creates with the mode, for reading and writing', () => {
    const { bare, fs } = disk();
    const fd = createExclusive(fs, '/c', 0o600);
    expect(fd).toBeTypeOf('number');
    fs.write(Number(fd), Buffer.from('c'));
    expect(text(bare, '/c')).toBe('c');
    expect(bare.lstat('/c')?.mode).toBe(0o600);
  });

  it('opens nothing that exists, no dangling link either', () => {
    const { bare, fs } = disk();
    bare.symlink('nowhere', '/link');
    expect(createExclusive(fs, '/a', 0o600)).toBe('exists');
    expect(createExclusive(fs, '/link', 0o600)).toBe('exists');
    expect(bare.openDescriptors).toBe(0);
  });

  it('reports other errors', () => {
    expect(() => createExclusive(disk().fs, '/missing/c', 0o600)).toThrow('ENOENT');
  });

  it('takes the next name where one is taken, or seems to be', () => {
    const { fs } = disk(new Faults().falseErrorAt(0, 'EEXIST'));
    const names = ['/c', '/a', '/d'].values();
    expect(createUnique(fs, () => names.next().value ?? '', 0o600).path).toBe('/d');
  });

  it('creates one on a server that says of every file that it exists', () => {
    const { bare, fs } = disk(lying());
    let number = 0;
    const nextPath = () => {
      number += 1;
      return `/new${number}`;
    };
    const { fd, path } = createUnique(fs, nextPath, 0o600);
    fs.write(fd, Buffer.from('mine'));
    expect(path).toBe('/new2');
    expect(text(bare, path)).toBe('mine');
  });

  it('takes no file that another makes between the look and the call', () => {
    const faults = new Faults();
    const { bare, fs } = disk(faults);
    faults.beforeCall((call) => {
      if (call.exclusive) {
        putFile(bare, call.paths[0] ?? '', { content: 'another' });
      }
    });
    let number = 0;
    const nextPath = () => {
      number += 1;
      return `/new${number}`;
    };
    expect(() => createUnique(fs, nextPath, 0o600)).toThrow(/are taken/u);
    expect(text(bare, '/new2')).toBe('another');
  });

  it('gives up when the names are not unique', () => {
    expect(() => createUnique(disk().fs, () => '/a', 0o600)).toThrow(/are taken/u);
  });
});
