import { constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { FileSystem } from '../../src/fs/file-system.ts';
import { nodeFileSystem } from '../../src/fs/node-file-system.ts';
import { errnoOf } from '../../src/fs/system-error.ts';
import { Crash, Faults, faultyFileSystem } from '../support/disk/faults.ts';
import { SimulatedFileSystem } from '../support/disk/simulated-file-system.ts';
import { putFile, readWhole } from '../support/disk/tree.ts';

function caught(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  return undefined;
}

function withFaults(prepare: (faults: Faults) => void) {
  const disk = new SimulatedFileSystem();
  const faults = new Faults();
  prepare(faults);
  return { disk, faults, fs: faultyFileSystem(disk, faults) };
}

describe('faults', () => {
  it('counts and records every call', () => {
    const { faults, fs } = withFaults(() => {});
    putFile(fs, '/a', { content: 'x' });
    fs.link('/a', '/b');
    expect(faults.calls.map(({ index, name, paths }) => `${index} ${name} ${paths.join(' ')}`)).toEqual([
      '0 open /a',
      '1 write ',
      '2 fstat ',
      '3 close ',
      '4 link /a /b',
    ]);
  });

  it.each([
    ['before', undefined],
    ['during', undefined],
    ['after', 'directory'],
  ] as const)('crashes %s a call, and at every call from then on', (moment, type) => {
    const { disk, faults, fs } = withFaults((plan) => plan.crashAt(0, moment));
    expect(caught(() => fs.mkdir('/d', 0o700))).toBeInstanceOf(Crash);
    expect(faults.crashed).toBe(true);
    expect(disk.lstat('/d')?.type).toBe(type);
    expect(caught(() => fs.lstat('/d'))).toBeInstanceOf(Crash);
    expect(caught(() => fs.close(3))).toBeInstanceOf(Crash);
    expect(errnoOf(caught(() => fs.lstat('/d')))).toBeUndefined();
  });

  it('crashes in the middle of a write', () => {
    const { disk, fs } = withFaults((plan) => plan.crashAt(1, 'during'));
    expect(caught(() => putFile(fs, '/a', { content: 'abcdef' }))).toBeInstanceOf(Crash);
    expect(Buffer.from(readWhole(disk, '/a')).toString()).toBe('abc');
  });

  it('crashes after a call that fails by itself', () => {
    const { faults, fs } = withFaults((plan) => plan.crashAt(0, 'after'));
    expect(caught(() => fs.unlink('/missing'))).toBeInstanceOf(Crash);
    expect(faults.crashed).toBe(true);
  });

  it('fails one call and lets the next pass', () => {
    const { disk, fs } = withFaults((plan) => plan.failAt(0, 'EIO'));
    expect(errnoOf(caught(() => fs.mkdir('/d', 0o700)))).toBe('EIO');
    expect(disk.lstat('/d')).toBeUndefined();
    fs.mkdir('/d', 0o700);
    expect(disk.lstat('/d')?.type).toBe('directory');
  });

  it('fails every changing call from one on, reads excepted', () => {
    const { fs } = withFaults((plan) => plan.failFrom(1, 'ENOSPC'));
    fs.mkdir('/d', 0o700);
    expect(errnoOf(caught(() => fs.mkdir('/e', 0o700)))).toBe('ENOSPC');
    expect(errnoOf(caught(() => fs.mkdir('/f', 0o700)))).toBe('ENOSPC');
    expect(fs.readdir('/')).toEqual(['d']);
  });

  it('does a call and reports an error all the same', () => {
    const { disk, fs } = withFaults((plan) => plan.falseErrorAt(0, 'EEXIST'));
    expect(errnoOf(caught(() => fs.mkdir('/d', 0o700)))).toBe('EEXIST');
    expect(disk.lstat('/d')?.type).toBe('directory');
  });

  it('gives the same random faults for the same seed, at about the rate asked for', () => {
    const runs = [3, 3, 4].map((seed) => {
      const { fs } = withFaults((plan) => plan.failAtRandom({ seed, rate: 0.25, errno: 'EIO' }));
      return Array.from({ length: 200 }, (_, index) => errnoOf(caught(() => fs.mkdir(`/d${index}`, 0o700))) ?? 'done');
    });
    expect(runs[0]).toEqual(runs[1]);
    expect(runs[0]).not.toEqual(runs[2]);
    const failures = runs[0]?.filter((outcome) => outcome === 'EIO').length;
    expect(failures).toBeGreaterThan(30);
    expect(failures).toBeLessThan(70);
  });

  it('reports false errors only of calls that are not idempotent', () => {
    const { disk, fs } = withFaults((plan) => plan.falseErrorsAtRandom({ seed: 1, rate: 1 }));
    putFile(fs, '/a', { content: 'x' });
    expect(errnoOf(caught(() => fs.link('/a', '/b')))).toBe('EEXIST');
    expect(errnoOf(caught(() => fs.rename('/b', '/c')))).toBe('ENOENT');
    expect(errnoOf(caught(() => fs.unlink('/a')))).toBe('ENOENT');
    expect(disk.readdir('/')).toEqual(['c']);
  });

  it('reports a false EEXIST of an exclusive create, and leaves no descriptor behind', () => {
    const { disk, fs } = withFaults((plan) => plan.falseErrorsAtRandom({ seed: 1, rate: 1 }));
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL;
    expect(errnoOf(caught(() => fs.open('/a', flags, 0o600)))).toBe('EEXIST');
    expect(disk.lstat('/a')?.type).toBe('file');
    fs.open('/a', constants.O_RDONLY);
    expect(disk.openDescriptors).toBe(1);
  });

  it('closes a descriptor even if close fails, as the system does', () => {
    const { disk, fs } = withFaults((plan) => plan.failAt(3, 'EIO'));
    expect(errnoOf(caught(() => putFile(fs, '/a', {})))).toBe('EIO');
    expect(disk.openDescriptors).toBe(0);
  });

  it('lets another party act between two calls', () => {
    const { disk, fs } = withFaults((plan) =>
      plan.beforeCall(({ name }) => {
        if (name === 'link') {
          putFile(disk, '/b', { content: 'theirs' });
        }
      }),
    );
    putFile(fs, '/a', { content: 'ours' });
    expect(errnoOf(caught(() => fs.link('/a', '/b')))).toBe('EEXIST');
  });

  it('runs hooks after a call that was made', () => {
    const seen: string[] = [];
    const { fs } = withFaults((plan) => plan.afterCall(({ name }) => seen.push(name)).failAt(1, 'EIO'));
    fs.mkdir('/a', 0o700);
    caught(() => fs.mkdir('/b', 0o700));
    expect(seen).toEqual(['mkdir']);
  });

  it('works around the real file system', () => {
    const directory = mkdtempSync(join(tmpdir(), 'postsnap-faults-'));
    try {
      const fs = faultyFileSystem(nodeFileSystem, new Faults().falseErrorAt(5, 'EEXIST'));
      putFile(fs, join(directory, 'a'), { content: 'x' });
      expect(errnoOf(caught(() => fs.link(join(directory, 'a'), join(directory, 'b'))))).toBe('EEXIST');
      expect(nodeFileSystem.lstat(join(directory, 'b'))?.links).toBe(2);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it('passes every call on, with its arguments and its result', () => {
    const wrapped = faultyFileSystem(recorder(), new Faults());
    for (const name of Object.keys(wrapped) as (keyof FileSystem)[]) {
      const method = wrapped[name] as (...values: unknown[]) => unknown;
      const result = method('one', 'two', 'three');
      expect(result).toEqual(
        name === 'close' || name === 'write' ? undefined : [name, 'one', 'two', 'three'].slice(0, method.length + 1),
      );
    }
  });
});

/** A file system whose calls give back their names and arguments. */
function recorder(): FileSystem {
  return new Proxy({} as FileSystem, {
    get:
      (_, name) =>
      (...values: unknown[]) => [name, ...values],
  });
}
