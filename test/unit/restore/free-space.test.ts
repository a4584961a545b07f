import { describe, expect, it } from 'vitest';
import type { Outlook } from '../../../src/plan/outlook.ts';
import { checkRoom as refuseRoom, roomFor } from '../../../src/restore/free-space.ts';
import { SimulatedFileSystem } from '../../support/disk/simulated-file-system.ts';

function checkRoom(fs: SimulatedFileSystem, target: Parameters<typeof roomFor>[1], needed: Outlook): void {
  refuseRoom(target.queueDirectory, roomFor(fs, target, needed));
}

describe('checkRoom', () => {
  const disk = new SimulatedFileSystem({ capacity: { bytes: 100_000, inodes: 100 } });
  const fits: Outlook = { messages: 10, files: 30, bytes: 81_920, queues: new Map([['hold', 30]]) };
  const target = { queueDirectory: '/', layout: { hashQueueNames: new Set(['deferred', 'defer']), hashQueueDepth: 2 } };

  it('lets pass what fits', () => {
    expect(() => checkRoom(disk, target, fits)).not.toThrow();
  });

  it('says how many bytes are missing', () => {
    expect(() => checkRoom(disk, target, { ...fits, bytes: 90_000 })).toThrow(
      '240 bytes are missing: 100240 are needed, 100000 are free',
    );
  });

  it('counts the journal', () => {
    expect(() => checkRoom(disk, target, { ...fits, messages: 100 })).toThrow('bytes are missing');
  });

  it('says how many inodes are missing', () => {
    expect(() => checkRoom(disk, target, { ...fits, files: 40 })).toThrow(
      '6 inodes are missing: 105 are needed, 99 are free',
    );
  });

  it('counts the hash directories that may have to be made, each level no more than there are files', () => {
    const hashed = {
      ...fits,
      files: 20,
      queues: new Map([
        ['deferred', 10],
        ['defer', 10],
      ] as const),
    };
    expect(() => checkRoom(disk, target, hashed)).toThrow('26 inodes are missing: 125 are needed, 99 are free');
    const flat = { ...target, layout: { ...target.layout, hashQueueNames: new Set<string>() } };
    expect(() => checkRoom(disk, flat, hashed)).not.toThrow();
  });

  it('counts the second names of files where they take inodes', () => {
    const memory = Object.create(disk, {
      freeSpace: { value: () => ({ bytes: 10n ** 9n, inodes: 100n, linksTakeInodes: true }) },
    });
    expect(() => checkRoom(memory, target, { ...fits, files: 15 })).not.toThrow();
    expect(() => checkRoom(memory, target, fits)).toThrow('25 inodes are missing: 125 are needed, 100 are free');
  });

  it('is an error of the disk, for which room must be made', () => {
    expect(() => checkRoom(disk, target, { ...fits, files: 4000 })).toThrow(
      expect.objectContaining({ code: 'io', errno: 'ENOSPC', nextStep: expect.stringContaining('Make room') }),
    );
  });

  it('does not count inodes where the file system makes them as it needs them', () => {
    expect(() => checkRoom(new SimulatedFileSystem(), target, { ...fits, files: 10_000_000 })).not.toThrow();
  });
});
