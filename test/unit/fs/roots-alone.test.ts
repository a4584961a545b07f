import { describe, expect, it } from 'vitest';
import type { FileStatus } from '../../../src/fs/file-system.ts';
import { isRootsAlone } from '../../../src/fs/roots-alone.ts';

/** Directories by their real path, with owner and mode; links lead from a path to another one. */
function tree(
  directories: Record<string, [uid: number, mode: number, gid?: number]>,
  links: Record<string, string> = {},
) {
  const names = Object.keys(directories);
  const resolve = (path: string): string => {
    let at = '/';
    for (const step of path.split('/').filter((name) => name !== '' && name !== '.')) {
      if (step === '..') {
        at = at.slice(0, at.lastIndexOf('/')) || '/';
      } else {
        const next = at === '/' ? `/${step}` : `${at}/${step}`;
        at = links[next] ?? next;
      }
    }
    return at;
  };
  const lstat = (path: string): FileStatus | undefined => {
    const real = resolve(path);
    const found = directories[real];
    if (found === undefined) {
      return undefined;
    }
    const [uid, mode, gid = 0] = found;
    const rest = { links: 2, gid, size: 0, mtimeNs: 0n, atimeNs: 0n, ctimeNs: 0n, birthtimeNs: 0n };
    return { type: 'directory', device: 1n, inode: BigInt(names.indexOf(real)), uid, mode, ...rest };
  };
  return { lstat };
}

const ROOTS: [number, number] = [0, 0o755];
const OWNERS: [number, number] = [102, 0o755];

describe('a directory is root’s alone', () => {
  it('if it and all above it are', () => {
    const fs = tree({ '/': ROOTS, '/var': ROOTS, '/var/spool': ROOTS });
    expect(isRootsAlone(fs, '/var/spool')).toBe(true);
    expect(isRootsAlone(fs, '/')).toBe(true);
  });

  it('also if those of the group root may write', () => {
    expect(isRootsAlone(tree({ '/': [0, 0o775], '/q': [0, 0o775] }), '/q')).toBe(true);
  });

  it('also below a sticky directory, if what stands there is root’s', () => {
    expect(isRootsAlone(tree({ '/': ROOTS, '/tmp': [0, 0o1777], '/tmp/q': ROOTS }), '/tmp/q')).toBe(true);
  });

  it('also through a link that root made', () => {
    const fs = tree({ '/': ROOTS, '/var': ROOTS, '/data': ROOTS, '/data/q': ROOTS }, { '/var/q': '/data/q' });
    expect(isRootsAlone(fs, '/var/q')).toBe(true);
  });
});

describe('a directory is not root’s alone', () => {
  it.each([
    ['it is another’s', tree({ '/': ROOTS, '/q': OWNERS }), '/q'],
    ['its group may write', tree({ '/': ROOTS, '/q': [0, 0o775, 5] }), '/q'],
    ['anybody may write, sticky or not', tree({ '/': ROOTS, '/q': [0, 0o1777] }), '/q'],
    ['one above it is another’s', tree({ '/': ROOTS, '/a': OWNERS, '/a/q': ROOTS }), '/a/q'],
    ['anybody may rename it', tree({ '/': ROOTS, '/a': [0, 0o777], '/a/q': ROOTS }), '/a/q'],
    ['one in a sticky directory is another’s', tree({ '/': ROOTS, '/t': [0, 0o1777], '/t/a': OWNERS }), '/t/a'],
    ['it is not there', tree({ '/': ROOTS }), '/q'],
    [
      'it is named by a link in another’s directory',
      tree({ '/': ROOTS, '/a': OWNERS, '/etc': ROOTS }, { '/a/q': '/etc' }),
      '/a/q',
    ],
    [
      'a link leads below another’s directory',
      tree({ '/': ROOTS, '/a': OWNERS, '/a/q': ROOTS }, { '/q': '/a/q' }),
      '/q',
    ],
  ])('if %s', (_, fs, path) => {
    expect(isRootsAlone(fs, path)).toBe(false);
  });
});
