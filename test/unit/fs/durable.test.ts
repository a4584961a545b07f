import { describe, expect, it } from 'vitest';
import { fsyncDirectory, fsyncFile, makeDurable } from '../../../src/fs/durable.ts';
import { nothingMore } from '../../support/disk/crash-choice.ts';
import { Faults, faultyFileSystem } from '../../support/disk/faults.ts';
import { SimulatedFileSystem, type SimulationOptions } from '../../support/disk/simulated-file-system.ts';
import { putFile, readWhole } from '../../support/disk/tree.ts';

function written(options: SimulationOptions): SimulatedFileSystem {
  const disk = new SimulatedFileSystem(options);
  disk.mkdir('/q', 0o700);
  putFile(disk, '/q/a', { content: 'a' });
  putFile(disk, '/q/b', { content: 'b' });
  return disk;
}

const paths = { root: '/', files: ['/q/a', '/q/b', '/q/gone'], directories: ['/q', '/', '/q/gone'] };
const text = (fs: SimulatedFileSystem, path: string) => Buffer.from(readWhole(fs, path)).toString();

describe('makeDurable', () => {
  it('syncs the whole where that is to be had, and looks at no path then', () => {
    const disk = written({});
    const files = (function* (): Generator<string> {
      yield* [];
      throw new Error('the files were asked for');
    })();
    expect(makeDurable(disk, { root: '/q', files, directories: [] })).toBe('whole');
    expect(text(disk.afterCrash(nothingMore), '/q/a')).toBe('a');
  });

  it('syncs each file and directory where not, and passes over those that are gone', () => {
    const disk = written({ wholeSync: false });
    expect(makeDurable(disk, paths)).toBe('each');
    const image = disk.afterCrash(nothingMore);
    expect([text(image, '/q/a'), text(image, '/q/b')]).toEqual(['a', 'b']);
    expect(disk.openDescriptors).toBe(0);
  });

  it('syncs the files before the directories: no name without its data', () => {
    const faults = new Faults();
    const opened: string[] = [];
    faults.afterCall(({ name, paths: [path] }) => name === 'open' && opened.push(path ?? ''));
    makeDurable(faultyFileSystem(written({ wholeSync: false }), faults), paths);
    expect(opened).toEqual(['/q/a', '/q/b', '/q', '/']);
  });

  it('reports a failed sync and a failed fsync, and closes what it opened', () => {
    const whole = faultyFileSystem(written({}), new Faults().failAt(0, 'EIO'));
    expect(() => makeDurable(whole, paths)).toThrow('EIO');
    const disk = written({ wholeSync: false });
    const each = faultyFileSystem(
      disk,
      new Faults().failWhen(({ name }) => name === 'fsync', 'EIO'),
    );
    expect(() => makeDurable(each, paths)).toThrow('EIO');
    expect(disk.openDescriptors).toBe(0);
  });
});

describe('fsync by name', () => {
  it('does not follow a link to a file, but one to a directory', () => {
    const disk = written({});
    disk.symlink('q/a', '/link');
    disk.symlink('q', '/directory');
    expect(() => fsyncFile(disk, '/link')).toThrow('ELOOP');
    disk.fsync(disk.open('/', 0));
    fsyncDirectory(disk, '/directory');
    expect(disk.afterCrash(nothingMore).readdir('/q')).toEqual(['a', 'b']);
  });

  it('takes it that a file system which has no fsync for directories needs none', () => {
    const fs = faultyFileSystem(
      written({}),
      new Faults().failWhen(({ name }) => name === 'fsync', 'EINVAL'),
    );
    expect(() => fsyncDirectory(fs, '/q')).not.toThrow();
    expect(() => fsyncFile(fs, '/q/a')).toThrow('EINVAL');
  });
});
