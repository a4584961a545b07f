import { describe, expect, it } from 'vitest';
import { closedDirectory } from '../../../src/fs/closed-directory.ts';
import { errnoError } from '../../support/disk/errno-error.ts';

/** A file system in which nobody may enter these. */
function closing(...closed: readonly string[]) {
  return {
    lstat: (path: string): undefined => {
      if (closed.some((directory) => path.startsWith(`${directory}/`))) {
        throw errnoError('EACCES', 'lstat');
      }
      return undefined;
    },
  };
}

describe('closedDirectory', () => {
  it('names the first directory in the way', () => {
    expect(closedDirectory(closing('/root'), '/root/saved/spool')).toBe('/root');
    expect(closedDirectory(closing('/a/b', '/a/b/c'), '/a/b/c/d')).toBe('/a/b');
    expect(closedDirectory(closing('/a/b'), '/a/b')).toBe('/a/b');
  });

  it('names none where all can be entered', () => {
    expect(closedDirectory(closing(), '/a/b/c')).toBeUndefined();
  });
});
