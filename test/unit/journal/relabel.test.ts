/** The labels of SELinux: set where it is on, and what could not be labelled is known file by file. */

import { expect, it } from 'vitest';
import { relabelFor } from '../../../src/journal/relabel.ts';
import { SimulatedFileSystem } from '../../support/disk/simulated-file-system.ts';
import { putFile } from '../../support/disk/tree.ts';

function withSelinux(): SimulatedFileSystem {
  const disk = new SimulatedFileSystem();
  putFile(disk, '/sys/fs/selinux/enforce', { content: '1' });
  return disk;
}

type Run = NonNullable<Parameters<typeof relabelFor>[1]>;

/** A restorecon that fails for these paths. */
function restorecon(bad: readonly string[], stderr: string): { run: Run; calls: (readonly string[])[] } {
  const calls: (readonly string[])[] = [];
  const run: Run = (program, given) => {
    calls.push([program, ...given]);
    const failed = given.some((path) => bad.includes(path));
    return { status: failed ? 255 : 0, stdout: '', stderr: failed ? stderr : '' };
  };
  return { run, calls };
}

const paths = (count: number): string[] => Array.from({ length: count }, (_, index) => `/queue/hold/A${index}`);

it('has nothing to do without SELinux', () => {
  expect(relabelFor({ fs: new SimulatedFileSystem() })).toBeUndefined();
});

it('gives the paths to restorecon, some hundreds at a call', () => {
  const { run, calls } = restorecon([], '');
  expect(relabelFor({ fs: withSelinux() }, run)?.(paths(1001))).toEqual(new Map());
  expect(calls.map(({ length }) => length)).toEqual([503, 503, 4]);
  expect(calls[2]).toEqual(['restorecon', '-F', '--', '/queue/hold/A1000']);
});

it('tells which file has no label, and leaves the fault to that one', () => {
  const { run } = restorecon(['/queue/hold/A1'], 'restorecon: Permission denied\n');
  const faults = relabelFor({ fs: withSelinux() }, run)?.(paths(3));
  expect(faults).toEqual(new Map([['/queue/hold/A1', 'restorecon failed: restorecon: Permission denied']]));
});

it('takes a file system that has no labels for no fault', () => {
  const { run } = restorecon(paths(2), 'Operation not supported');
  expect(relabelFor({ fs: withSelinux() }, run)?.(paths(2))).toEqual(new Map());
});

it('does without restorecon where there is none', () => {
  expect(relabelFor({ fs: withSelinux() }, () => undefined)?.(paths(1))).toEqual(new Map());
});
