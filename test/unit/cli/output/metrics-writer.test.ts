/** Several runs write one metrics file: one after the other. */

import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { writeDrillMetrics, writeVerifyMetrics } from '../../../../src/cli/output/metrics-file.ts';
import { findMetric } from '../../../../src/cli/output/metrics-text.ts';
import { writeAlone } from '../../../../src/cli/output/metrics-writer.ts';
import { BusyError } from '../../../../src/errors.ts';
import { lockByDirectory } from '../../../../src/fs/lock-directory.ts';
import type { LockEnvironment } from '../../../../src/fs/lock-environment.ts';
import { SimulatedFileSystem } from '../../../support/disk/simulated-file-system.ts';
import { readWhole } from '../../../support/disk/tree.ts';

const PATH = '/m/p.prom';
const LOCK = '/m/.p.prom.lock';
const RUN = { began: 1000, ended: 2000, exitStatus: 0 };

let disk: SimulatedFileSystem;
const dead = new Set<number>();
beforeEach(() => {
  dead.clear();
  disk = new SimulatedFileSystem();
  disk.mkdir('/m', 0o755);
});

let nonces = 0;
const environment = (pid: number): LockEnvironment => ({
  self: { host: 'mail', machine: 'm', pid, bootId: 'b', pidNamespace: 'n', startTime: '1' },
  liveness: (other) => (dead.has(other.pid) ? 'dead' : 'alive'),
  now: () => 1_700_000_000_000,
  sleep: () => undefined,
  nonce: () => {
    nonces += 1;
    return nonces.toString(16).padStart(32, '0');
  },
});
const verified = (pid: number, patience = 30) =>
  writeAlone(PATH, { fs: disk, environment: environment(pid), patience }, () => writeVerifyMetrics(disk, PATH, RUN));
const told = (name: string) => findMetric(Buffer.from(readWhole(disk, PATH)).toString(), `postsnap_${name}`);

describe('runs that write one metrics file', () => {
  it('keep the metrics of each other', async () => {
    const free = lockByDirectory(disk, LOCK, environment(1));
    const other = verified(2);
    await sleep(100);
    expect(disk.lstat(PATH)).toBeUndefined();
    writeDrillMetrics(disk, PATH, { ...RUN, restored: 7 });
    free();
    await other;
    expect([told('drill_restored_messages'), told('verify_exit_status')]).toEqual([7, 0]);
    expect(disk.readdir('/m')).toEqual(['p.prom']);
  });

  it('go on where one of them was killed', async () => {
    lockByDirectory(disk, LOCK, environment(1));
    dead.add(1);
    await verified(2, 0);
    expect(told('verify_exit_status')).toBe(0);
    expect(disk.readdir('/m')).toEqual(['p.prom']);
  });

  it('do not wait for ever', async () => {
    const free = lockByDirectory(disk, LOCK, environment(1));
    const error = await verified(2, 0).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(BusyError);
    expect(String(error)).toContain(`can't write ${PATH}: another run has been at it for long`);
    expect(disk.lstat(PATH)).toBeUndefined();
    free();
    expect(disk.readdir('/m')).toEqual([]);
  });

  it('give the lock back where the writing fails', async () => {
    const failing = writeAlone(PATH, { fs: disk, environment: environment(1), patience: 0 }, () => {
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(disk.readdir('/m')).toEqual([]);
  });

  it('are told of a directory that is not there, by the name of the file', async () => {
    disk.rmdir('/m');
    await expect(verified(1)).rejects.toThrow(`can't write ${PATH}: No such file or directory (ENOENT)`);
  });
});
