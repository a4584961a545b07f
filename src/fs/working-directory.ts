/** The file system as seen from a queue directory that is the working directory. */

import type { FileSystem } from './file-system.ts';

/**
 * A file system for a process whose working directory is `directory`, which it may not be able to reach by its path: what
 * is below it is found from there. All else is as it was; errors name the path that was asked for.
 *
 * @param directory - absolute
 */
export function fromWorkingDirectory(fs: FileSystem, directory: string): FileSystem {
  const start = directory.endsWith('/') ? directory : `${directory}/`;
  const relative = (path: string): string => {
    if (path.startsWith(start)) {
      return path.length === start.length ? '.' : path.slice(start.length);
    }
    return path === directory ? '.' : path;
  };
  const on = <Result>(path: string, call: (path: string) => Result): Result => {
    try {
      return call(relative(path));
    } catch (error) {
      throw withPath(error, path);
    }
  };
  return {
    ...fs,
    open: (path, flags, mode) => on(path, (here) => fs.open(here, flags, mode)),
    lstat: (path) => on(path, (here) => fs.lstat(here)),
    readdir: (path) => on(path, (here) => fs.readdir(here)),
    mkdir: (path, mode) => on(path, (here) => fs.mkdir(here, mode)),
    rmdir: (path) => on(path, (here) => fs.rmdir(here)),
    unlink: (path) => on(path, (here) => fs.unlink(here)),
    link: (existing, created) => on(existing, (here) => fs.link(here, relative(created))),
    rename: (from, to) => on(from, (here) => fs.rename(here, relative(to))),
    syncFileSystem: (path) => on(path, (here) => fs.syncFileSystem(here)),
    freeSpace: (path) => on(path, (here) => fs.freeSpace(here)),
  };
}

function withPath(error: unknown, path: string): unknown {
  return error instanceof Error && 'path' in error ? Object.assign(error, { path }) : error;
}
