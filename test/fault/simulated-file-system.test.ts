import { constants, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FileSystem } from '../../src/fs/file-system.ts';
import { nodeFileSystem } from '../../src/fs/node-file-system.ts';
import {
  bySeed,
  type CrashChoice,
  crashChoices,
  everything,
  everythingButData,
  nothingMore,
} from '../support/disk/crash-choice.ts';
import { SimulatedFileSystem, type SimulationOptions } from '../support/disk/simulated-file-system.ts';
import { putFile, readWhole, snapshotTree } from '../support/disk/tree.ts';

const { O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY, O_APPEND } = constants;

function errnoOfCall(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'no errno';
  }
  return 'done';
}

/** The same calls on the real file system and on the simulated one must have the same outcomes. */
describe('the simulated file system answers as the real one', () => {
  let real: string;
  beforeEach(() => {
    real = mkdtempSync(join(tmpdir(), 'postsnap-fs-'));
  });
  afterEach(() => rmSync(real, { recursive: true }));

  function prepare(fs: FileSystem, base: string, symlink: (target: string, path: string) => void): void {
    putFile(fs, `${base}/file`, { content: 'content' });
    putFile(fs, `${base}/full/inner`, { content: '' });
    fs.mkdir(`${base}/empty`, 0o700);
    symlink('file', `${base}/link`);
    symlink('full', `${base}/dirlink`);
    symlink('nowhere', `${base}/dangling`);
    symlink('loop', `${base}/loop`);
  }

  const calls: [string, (fs: FileSystem, base: string) => unknown][] = [
    ['open a missing file', (fs, base) => fs.open(`${base}/missing`, O_RDONLY)],
    ['open below a file', (fs, base) => fs.open(`${base}/file/x`, O_RDONLY)],
    ['create in a missing directory', (fs, base) => fs.open(`${base}/missing/x`, O_RDWR | O_CREAT)],
    ['create exclusively over a file', (fs, base) => fs.open(`${base}/file`, O_RDWR | O_CREAT | O_EXCL)],
    ['create exclusively over a dangling link', (fs, base) => fs.open(`${base}/dangling`, O_RDWR | O_CREAT | O_EXCL)],
    ['create a new name', (fs, base) => fs.close(fs.open(`${base}/new`, O_RDWR | O_CREAT | O_EXCL, 0o600))],
    ['open a link without following', (fs, base) => fs.open(`${base}/link`, O_RDONLY | O_NOFOLLOW)],
    ['open a link', (fs, base) => fs.close(fs.open(`${base}/link`, O_RDONLY))],
    ['open a loop', (fs, base) => fs.open(`${base}/loop`, O_RDONLY)],
    ['open a file as a directory', (fs, base) => fs.open(`${base}/file`, O_RDONLY | O_DIRECTORY)],
    ['open a link as a directory', (fs, base) => fs.open(`${base}/dirlink`, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)],
    ['open a directory for writing', (fs, base) => fs.open(`${base}/full`, O_RDWR)],
    ['open a name of 256 bytes', (fs, base) => fs.open(`${base}/${'x'.repeat(256)}`, O_RDWR | O_CREAT)],
    [
      'write to a file opened for reading',
      (fs, base) => fs.write(fs.open(`${base}/file`, O_RDONLY), new Uint8Array(1)),
    ],
    ['read from a file opened for writing', (fs, base) => readOne(fs, fs.open(`${base}/file`, O_WRONLY))],
    ['read a directory as a file', (fs, base) => readOne(fs, fs.open(`${base}/full`, O_RDONLY))],
    ['truncate a file opened for reading', (fs, base) => fs.truncate(fs.open(`${base}/file`, O_RDONLY), 1)],
    ['close a closed descriptor', (fs) => fs.close(9999)],
    ['mkdir over a file', (fs, base) => fs.mkdir(`${base}/file`, 0o700)],
    ['mkdir over a directory', (fs, base) => fs.mkdir(`${base}/full`, 0o700)],
    ['mkdir over a dangling link', (fs, base) => fs.mkdir(`${base}/dangling`, 0o700)],
    ['rmdir of a full directory', (fs, base) => fs.rmdir(`${base}/full`)],
    ['rmdir of a file', (fs, base) => fs.rmdir(`${base}/file`)],
    ['rmdir of an empty directory', (fs, base) => fs.rmdir(`${base}/empty`)],
    ['link over a file', (fs, base) => fs.link(`${base}/file`, `${base}/full/inner`)],
    ['link of a missing file over a file', (fs, base) => fs.link(`${base}/missing`, `${base}/file`)],
    ['link of a directory', (fs, base) => fs.link(`${base}/full`, `${base}/new`)],
    ['link of a link', (fs, base) => fs.link(`${base}/dangling`, `${base}/new`)],
    ['link', (fs, base) => fs.link(`${base}/file`, `${base}/full/new`)],
    ['rename of a missing file', (fs, base) => fs.rename(`${base}/missing`, `${base}/new`)],
    ['rename over a file', (fs, base) => fs.rename(`${base}/file`, `${base}/full/inner`)],
    ['rename of a file over a directory', (fs, base) => fs.rename(`${base}/file`, `${base}/empty`)],
    ['rename of a directory over a file', (fs, base) => fs.rename(`${base}/full`, `${base}/file`)],
    ['rename of a directory over a full one', (fs, base) => fs.rename(`${base}/empty`, `${base}/full`)],
    ['rename of a directory over an empty one', (fs, base) => fs.rename(`${base}/full`, `${base}/empty`)],
    ['rename onto itself', (fs, base) => fs.rename(`${base}/file`, `${base}/file`)],
    ['unlink of a directory', (fs, base) => fs.unlink(`${base}/empty`)],
    ['unlink of a missing file', (fs, base) => fs.unlink(`${base}/missing`)],
    ['unlink of a link', (fs, base) => fs.unlink(`${base}/link`)],
    ['readdir of a file', (fs, base) => fs.readdir(`${base}/file`)],
    ['readdir of a missing directory', (fs, base) => fs.readdir(`${base}/missing`)],
    ['readdir of a link to a directory', (fs, base) => fs.readdir(`${base}/dirlink`)],
    ['lstat below a file', (fs, base) => expect(fs.lstat(`${base}/file/x`)).toBeUndefined()],
    ['lstat of a missing name', (fs, base) => expect(fs.lstat(`${base}/missing`)).toBeUndefined()],
    ['a path over a link to a directory', (fs, base) => expect(fs.lstat(`${base}/dirlink/inner`)?.type).toBe('file')],
    ['truncate at open', (fs, base) => fs.close(fs.open(`${base}/file`, O_RDWR | O_TRUNC))],
    ['append', (fs, base) => fs.write(fs.open(`${base}/file`, O_WRONLY | O_APPEND), Buffer.from('more'))],
    ['write beyond the end', (fs, base) => fs.write(fs.open(`${base}/file`, O_RDWR), Buffer.from('x'), 20)],
    ['truncate and grow', (fs, base) => growTwice(fs, fs.open(`${base}/file`, O_RDWR))],
    ['times', (fs, base) => fs.futimes(fs.open(`${base}/file`, O_RDONLY), 5n, 1_700_000_000_123_456_789n)],
    ['mode', (fs, base) => fs.fchmod(fs.open(`${base}/file`, O_RDONLY), 0o4711)],
    ['freeSpace of a missing path', (fs, base) => fs.freeSpace(`${base}/missing`)],
  ];

  function readOne(fs: FileSystem, fd: number): number {
    return fs.read(fd, new Uint8Array(1), { offset: 0, length: 1, position: 0 });
  }

  function growTwice(fs: FileSystem, fd: number): void {
    fs.truncate(fd, 3);
    fs.truncate(fd, 6);
  }

  function outcome(fs: FileSystem, base: string, call: (fs: FileSystem, base: string) => unknown): unknown {
    const errno = errnoOfCall(() => call(fs, base));
    const tree = [...snapshotTree(fs, base)].map(([path, { type, mode, links, content }]) => ({
      path,
      type,
      mode,
      // File systems differ in how they count a directory's links.
      links: type === 'directory' ? undefined : links,
      content,
    }));
    return { errno, tree };
  }

  it.each(calls)('%s', (_, call) => {
    const simulated = new SimulatedFileSystem({ umask: process.umask() });
    simulated.mkdir('/base', 0o755);
    prepare(simulated, '/base', (target, path) => simulated.symlink(target, path));
    prepare(nodeFileSystem, real, symlinkSync);
    expect(outcome(simulated, '/base', call)).toEqual(outcome(nodeFileSystem, real, call));
  });

  it('keeps the same microseconds of times', () => {
    const simulated = new SimulatedFileSystem();
    simulated.mkdir('/base', 0o755);
    const times = [0n, 1n, 999n, 1000n, 1_699_999_999_999_999_999n, 2_209_032_000_123_456_789n, -5n];
    for (const mtimeNs of times) {
      putFile(simulated, '/base/file', { mtimeNs });
      putFile(nodeFileSystem, `${real}/file`, { mtimeNs });
      const [one, other] = [simulated.lstat('/base/file'), nodeFileSystem.lstat(`${real}/file`)];
      expect((one?.mtimeNs ?? -1n) / 1000n).toBe((other?.mtimeNs ?? -1n) / 1000n);
    }
  });
});

describe('descriptors and inodes', () => {
  it('keeps an unlinked file until its last descriptor is closed, and gives the inode number away after that', () => {
    const fs = new SimulatedFileSystem();
    const inode = putFile(fs, '/a', { content: 'kept' });
    const fd = fs.open('/a', O_RDONLY);
    fs.unlink('/a');
    expect(fs.fstat(fd)).toMatchObject({ inode, links: 0, size: 4 });
    expect(putFile(fs, '/b', {})).not.toBe(inode);
    fs.close(fd);
    expect(putFile(fs, '/c', {})).toBe(inode);
  });

  it('gives no number away again on request', () => {
    const fs = new SimulatedFileSystem({ reuseInodes: false });
    const inode = putFile(fs, '/a', {});
    fs.unlink('/a');
    expect(putFile(fs, '/b', {})).not.toBe(inode);
  });

  it('counts links', () => {
    const fs = new SimulatedFileSystem();
    putFile(fs, '/a', {});
    fs.link('/a', '/b');
    expect(fs.lstat('/a')?.links).toBe(2);
    fs.rename('/b', '/c');
    expect(fs.lstat('/a')?.links).toBe(2);
    fs.rename('/a', '/c');
    expect(fs.lstat('/a')?.links).toBe(2);
    fs.unlink('/a');
    expect(fs.lstat('/c')?.links).toBe(1);
  });

  it('closes all descriptors with the process', () => {
    const fs = new SimulatedFileSystem();
    putFile(fs, '/a', {});
    fs.open('/a', O_RDONLY);
    expect(fs.openDescriptors).toBe(1);
    fs.endProcess();
    expect(fs.openDescriptors).toBe(0);
  });

  it('refuses links and renames to another device', () => {
    const fs = new SimulatedFileSystem();
    fs.mount('/disk');
    putFile(fs, '/a', {});
    expect(errnoOfCall(() => fs.link('/a', '/disk/a'))).toBe('EXDEV');
    expect(errnoOfCall(() => fs.rename('/a', '/disk/a'))).toBe('EXDEV');
    expect(fs.lstat('/disk')?.device).not.toBe(fs.lstat('/a')?.device);
  });

  it('has no hard links on request', () => {
    const fs = new SimulatedFileSystem({ hardLinks: false });
    putFile(fs, '/a', {});
    expect(errnoOfCall(() => fs.link('/a', '/b'))).toBe('EPERM');
  });

  it('is full at its capacity, with what fitted written', () => {
    const fs = new SimulatedFileSystem({ capacity: { bytes: 10, inodes: 3 } });
    expect(errnoOfCall(() => putFile(fs, '/a', { content: 'twelve bytes' }))).toBe('ENOSPC');
    expect(fs.lstat('/a')?.size).toBe(10);
    expect(fs.freeSpace('/')).toEqual({ bytes: 0n, inodes: 1n });
    fs.unlink('/a');
    expect(fs.freeSpace('/')).toEqual({ bytes: 10n, inodes: 2n });
  });
});

describe('a crash', () => {
  function crashed(prepare: (fs: SimulatedFileSystem) => void, choice: CrashChoice, options: SimulationOptions = {}) {
    const fs = new SimulatedFileSystem(options);
    prepare(fs);
    return fs.afterCrash(choice);
  }

  const contents = (fs: SimulatedFileSystem) =>
    Object.fromEntries([...snapshotTree(fs, '/')].map(([path, entry]) => [path, entry.content ?? entry.type]));

  function fsyncOf(fs: SimulatedFileSystem, path: string): void {
    const fd = fs.open(path, O_RDONLY);
    fs.fsync(fd);
    fs.close(fd);
  }

  it('loses all that was not synced, or nothing', () => {
    const work = (fs: SimulatedFileSystem) => putFile(fs, '/d/a', { content: 'data' });
    expect(contents(crashed(work, nothingMore))).toEqual({});
    expect(contents(crashed(work, everything))).toEqual({ d: 'directory', 'd/a': 'data' });
    expect(contents(crashed(work, everythingButData))).toEqual({ d: 'directory', 'd/a': '' });
  });

  it('loses the name of a file of which only the data was synced', () => {
    const work = (fs: SimulatedFileSystem) => {
      putFile(fs, '/a', { content: 'data' });
      fsyncOf(fs, '/a');
    };
    expect(contents(crashed(work, nothingMore))).toEqual({});
  });

  it('keeps a name without its data when only the directory was synced', () => {
    const work = (fs: SimulatedFileSystem) => {
      putFile(fs, '/a', { content: 'data', mode: 0o700 });
      fsyncOf(fs, '/');
    };
    const image = crashed(work, nothingMore);
    expect(contents(image)).toEqual({ a: '' });
    expect(image.lstat('/a')?.mode).toBe(0o600);
  });

  it('keeps what had both', () => {
    const work = (fs: SimulatedFileSystem) => {
      putFile(fs, '/a', { content: 'data', mode: 0o711, uid: 7, gid: 8, mtimeNs: 5_000n });
      fsyncOf(fs, '/a');
      fsyncOf(fs, '/');
    };
    const image = crashed(work, nothingMore);
    expect(contents(image)).toEqual({ a: 'data' });
    expect(image.lstat('/a')).toMatchObject({ mode: 0o711, uid: 7, gid: 8, mtimeNs: 5_000n, links: 1 });
  });

  it('has everything after syncFileSystem, of that device only', () => {
    const work = (fs: SimulatedFileSystem) => {
      fs.mount('/disk');
      putFile(fs, '/disk/b', { content: 'other' });
      putFile(fs, '/a', { content: 'data' });
      expect(fs.syncFileSystem('/')).toBe(true);
    };
    expect(contents(crashed(work, nothingMore))).toEqual({ a: 'data', disk: 'directory' });
  });

  it('does not sync the whole where that is not to be had', () => {
    const work = (fs: SimulatedFileSystem) => {
      putFile(fs, '/a', { content: 'data' });
      expect(fs.syncFileSystem('/')).toBe(false);
    };
    expect(contents(crashed(work, nothingMore, { wholeSync: false }))).toEqual({});
  });

  it('may keep the chmod and lose the unlink that came before it, and the other way round', () => {
    const outcomes = new Set<string>();
    for (let seed = 0; seed < 64; seed += 1) {
      const fs = new SimulatedFileSystem();
      putFile(fs, '/staged', { mode: 0o600 });
      fs.link('/staged', '/final');
      fs.settle();
      fs.unlink('/staged');
      const fd = fs.open('/final', O_RDONLY);
      fs.fchmod(fd, 0o700);
      fs.close(fd);
      const image = fs.afterCrash(bySeed(seed));
      outcomes.add(`${image.lstat('/final')?.links} ${image.lstat('/final')?.mode.toString(8)}`);
    }
    expect([...outcomes].sort()).toEqual(['1 600', '1 700', '2 600', '2 700']);
  });

  it('may tear a write, with zeros for what is missing', () => {
    const sizes = new Set<string>();
    for (let seed = 0; seed < 200; seed += 1) {
      const fs = new SimulatedFileSystem();
      putFile(fs, '/a', {});
      fs.settle();
      putFile(fs, '/a', { content: 'abc' });
      sizes.add(Buffer.from(readWhole(fs.afterCrash(bySeed(seed)), '/a')).toString('latin1'));
    }
    expect([...sizes].sort()).toEqual(['', '\0\0\0', 'a\0\0', 'ab\0', 'abc']);
  });

  it('has a rename in one directory wholly or not at all', () => {
    const outcomes = new Set<string>();
    for (let seed = 0; seed < 32; seed += 1) {
      const fs = new SimulatedFileSystem();
      putFile(fs, '/new', { content: 'new' });
      putFile(fs, '/old', { content: 'old' });
      fs.settle();
      fs.rename('/new', '/old');
      outcomes.add(JSON.stringify(contents(fs.afterCrash(bySeed(seed)))));
    }
    expect([...outcomes].sort()).toEqual(['{"new":"new","old":"old"}', '{"old":"new"}']);
  });

  it('shows an old file as gone when its inode number is on disk with a new one', () => {
    const fs = new SimulatedFileSystem();
    const inode = putFile(fs, '/old', { content: 'old' });
    fs.settle();
    fs.unlink('/old');
    expect(putFile(fs, '/new', { content: 'new' })).toBe(inode);
    const image = fs.afterCrash({ ...everything, keeps: ({ kind }) => kind !== 'remove' });
    expect(contents(image)).toEqual({ new: 'new' });
  });

  it('leaves the running system as it was, and an image that can crash in turn', () => {
    const fs = new SimulatedFileSystem();
    putFile(fs, '/a', { content: 'a' });
    const image = fs.afterCrash(everything);
    expect(contents(fs)).toEqual({ a: 'a' });
    putFile(image, '/b', { content: 'b' });
    expect(contents(image.afterCrash(nothingMore))).toEqual({ a: 'a' });
    expect(image.lstat('/a')?.inode).not.toBe(image.lstat('/b')?.inode);
  });

  it('is the same for the same seed', () => {
    const images = [1, 1].map(() => {
      const fs = new SimulatedFileSystem();
      for (let index = 0; index < 20; index += 1) {
        putFile(fs, `/d${index % 3}/f${index}`, { content: 'some text', mode: 0o700 });
      }
      return crashChoices(5).map((choice) => snapshotTree(fs.afterCrash(choice), '/'));
    });
    expect(images[0]).toEqual(images[1]);
  });
});
