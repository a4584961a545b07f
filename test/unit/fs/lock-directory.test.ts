/** A lock whose directory comes and goes with it. */

import { beforeEach, describe, expect, it } from 'vitest';
import { BusyError } from '../../../src/errors.ts';
import { lockByDirectory } from '../../../src/fs/lock-directory.ts';
import type { LockEnvironment } from '../../../src/fs/lock-environment.ts';
import { Faults, faultyFileSystem } from '../../support/disk/faults.ts';
import { SimulatedFileSystem } from '../../support/disk/simulated-file-system.ts';

const PATH = '/d/.x.lock';

let disk: SimulatedFileSystem;
beforeEach(() => {
  disk = new SimulatedFileSystem();
  disk.mkdir('/d', 0o755);
});

let nonces = 0;
const environment = (pid: number): LockEnvironment => ({
  self: { host: 'mail', machine: 'm', pid, bootId: 'b', pidNamespace: 'n', startTime: '1' },
  liveness: () => 'alive',
  now: () => 1_700_000_000_000,
  sleep: () => undefined,
  nonce: () => {
    nonces += 1;
    return nonces.toString(16).padStart(32, '0');
  },
});

describe('a lock with a directory of its own', () => {
  it('is held by one at a time, and leaves nothing', () => {
    const free = lockByDirectory(disk, PATH, environment(1));
    expect(() => lockByDirectory(disk, PATH, environment(2))).toThrow(BusyError);
    expect(disk.readdir(PATH)).toEqual(['lock']);
    free();
    lockByDirectory(disk, PATH, environment(2))();
    expect(disk.readdir('/d')).toEqual([]);
  });

  it('is had although who had it before removes the directory under the eyes of the next', () => {
    let removals = 0;
    const faults = new Faults().failWhen(({ name }) => {
      if (name !== 'open' || removals === 2) {
        return false;
      }
      removals += 1;
      disk.rmdir(PATH);
      return false;
    }, 'EIO');
    const free = lockByDirectory(faultyFileSystem(disk, faults), PATH, environment(1));
    expect(removals).toBe(2);
    free();
    expect(disk.readdir('/d')).toEqual([]);
  });

  it.each(['mkdir', 'open', 'write', 'fsync', 'link'])(
    'that can not be had, since %s fails, leaves nothing',
    (call) => {
      const faults = new Faults().failWhen(({ name }) => name === call, 'ENOSPC');
      expect(() => lockByDirectory(faultyFileSystem(disk, faults), PATH, environment(1))).toThrow();
      expect(disk.readdir('/d')).toEqual([]);
      expect(disk.openDescriptors).toBe(0);
    },
  );
});
