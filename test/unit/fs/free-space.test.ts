import { execFileSync } from 'node:child_process';
import { statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { freeInodes, freeSpace } from '../../../src/fs/free-space.ts';

const EXT4 = 0xef53n;
const BTRFS = 0x9123683en;
const CEPH = 0xc36400n;
const FUSE = 0x65735546n;

describe('freeInodes', () => {
  it.each([
    ['ext4 with some', EXT4, 100n, 7n, 7n],
    ['ext4 without any: it is full', EXT4, 100n, 0n, 0n],
    ['btrfs: none at all', BTRFS, 0n, 0n, undefined],
    ['CephFS: the number of objects, and -1', CEPH, 12_345n, -1n, undefined],
    ['the same as Node gives it without a sign', CEPH, 12_345n, 2n ** 64n - 1n, undefined],
    ['ReiserFS: -1 and -1', 0x52654973n, -1n, -1n, undefined],
    ['a daemon that counts none', FUSE, 12_345n, 0n, undefined],
    ['a daemon that counts', FUSE, 12_345n, 5n, 5n],
    ['more free than there are', FUSE, 5n, 12_345n, undefined],
  ])('%s', (...[, type, inodes, free, expected]) => {
    expect(freeInodes({ type, inodes, freeInodes: free, availableBlocks: 1n, blockSize: 1n })).toBe(expected);
  });
});

describe('freeSpace', () => {
  it('counts in the unit that the blocks are told in', () => {
    const [unit, blocks] = execFileSync('stat', ['-f', '-c', '%S %a', tmpdir()])
      .toString()
      .trim()
      .split(' ')
      .map(BigInt);
    const { bytes } = freeSpace(tmpdir());
    expect(bytes % (unit ?? 0n)).toBe(0n);
    // Others write meanwhile.
    const difference = Number(bytes / (unit ?? 1n) - (blocks ?? 0n));
    expect(Math.abs(difference)).toBeLessThan(statfsSync(tmpdir()).blocks / 10);
  });
});
