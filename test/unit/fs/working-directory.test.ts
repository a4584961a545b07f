import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FileSystem } from '../../../src/fs/file-system.ts';
import { nodeFileSystem } from '../../../src/fs/node-file-system.ts';
import { O_CREAT, O_WRONLY } from '../../../src/fs/open-flags.ts';
import { fromWorkingDirectory } from '../../../src/fs/working-directory.ts';

describe('from the working directory', () => {
  let top: string;
  /** What was asked of the system, and with which path. */
  let calls: string[];
  let fs: FileSystem;

  beforeEach(() => {
    top = mkdtempSync(join(tmpdir(), 'postsnap-working-'));
    mkdirSync(join(top, 'q'));
    calls = [];
    // As if the process were in /q, and /q were nowhere to be found.
    const there = (path: string): string => {
      calls.push(path);
      return path.startsWith('/') ? join(top, 'elsewhere', path) : join(top, 'q', path);
    };
    fs = fromWorkingDirectory(
      {
        ...nodeFileSystem,
        open: (path, flags, mode) => nodeFileSystem.open(there(path), flags, mode),
        lstat: (path) => nodeFileSystem.lstat(there(path)),
        readdir: (path) => nodeFileSystem.readdir(there(path)),
        mkdir: (path, mode) => nodeFileSystem.mkdir(there(path), mode),
        rmdir: (path) => nodeFileSystem.rmdir(there(path)),
        unlink: (path) => nodeFileSystem.unlink(there(path)),
        link: (existing, created) => nodeFileSystem.link(there(existing), there(created)),
        rename: (from, to) => nodeFileSystem.rename(there(from), there(to)),
        syncFileSystem: (path) => nodeFileSystem.syncFileSystem(there(path)),
        freeSpace: (path) => nodeFileSystem.freeSpace(there(path)),
      },
      '/q',
    );
  });
  afterEach(() => {
    rmSync(top, { recursive: true });
  });

  it('finds, makes, links, renames and removes what is below it', () => {
    fs.mkdir('/q/deferred', 0o700);
    const fd = fs.open('/q/deferred/A', O_WRONLY | O_CREAT, 0o600);
    fs.write(fd, Buffer.from('mail'));
    fs.close(fd);
    fs.link('/q/deferred/A', '/q/deferred/B');
    fs.rename('/q/deferred/B', '/q/deferred/C');
    expect(fs.readdir('/q/deferred').sort()).toEqual(['A', 'C']);
    expect(readFileSync(join(top, 'q', 'deferred', 'C'), 'utf8')).toBe('mail');
    expect(fs.lstat('/q')?.type).toBe('directory');
    expect(fs.lstat('/q/.')?.type).toBe('directory');
    expect(fs.freeSpace('/q').bytes).toBeGreaterThan(0n);
    fs.syncFileSystem('/q');
    fs.unlink('/q/deferred/A');
    fs.unlink('/q/deferred/C');
    fs.rmdir('/q/deferred');
    expect(fs.readdir('/q')).toEqual([]);
    expect(calls.filter((path) => path.startsWith('/'))).toEqual([]);
  });

  it('leaves other paths as they are', () => {
    expect(fs.lstat('/quite/another')).toBeUndefined();
    expect(fs.lstat('/qq')).toBeUndefined();
    expect(calls).toEqual(['/quite/another', '/qq']);
  });

  it('names the path that was asked for in an error', () => {
    expect(() => fs.open('/q/none', 0)).toThrow(expect.objectContaining({ code: 'ENOENT', path: '/q/none' }));
    expect(() => fs.link('/q/none', '/q/new')).toThrow(expect.objectContaining({ path: '/q/none' }));
  });
});
