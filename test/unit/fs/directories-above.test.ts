import { describe, expect, it } from 'vitest';
import { directoriesAbove, refuseWithin } from '../../../src/fs/directories-above.ts';
import { SimulatedFileSystem } from '../../support/disk/simulated-file-system.ts';

const KIND = { holds: ['one', 'two'], what: 'such a directory' };

function disk(...directories: readonly string[]): SimulatedFileSystem {
  const fs = new SimulatedFileSystem();
  for (const path of directories) {
    fs.mkdir(path, 0o700);
  }
  return fs;
}

describe('refuseWithin', () => {
  const fs = disk('/a', '/a/one', '/a/two', '/a/two/below', '/b', '/b/one');

  it.each(['/a', '/a/two', '/a/two/below'])('refuses %s, which is one or is below one', (directory) => {
    expect(() => refuseWithin(fs, directory, KIND)).toThrow(
      expect.objectContaining({ code: 'output-exists', message: `${directory} is within such a directory` }),
    );
  });

  it.each(['/', '/b', '/b/one', '/nosuch'])('has nothing against %s', (directory) => {
    expect(() => refuseWithin(fs, directory, KIND)).not.toThrow();
  });
});

describe('directoriesAbove', () => {
  it('ends at the root', () => {
    const fs = disk('/a', '/a/one');
    const inodes = [...directoriesAbove(fs, '/a/one')].map(({ status }) => status.inode);
    expect(inodes).toEqual(['/a/one', '/a', '/'].map((path) => fs.lstat(path)?.inode));
  });
});
