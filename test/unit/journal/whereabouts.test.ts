import { expect, it } from 'vitest';
import type { PlacementTarget } from '../../../src/journal/placement.ts';
import { isAtItsPlace, isUnready, sightsByName } from '../../../src/journal/whereabouts.ts';
import { DEFAULT_LAYOUT } from '../../../src/queue/layout.ts';
import { SimulatedFileSystem } from '../../support/disk/simulated-file-system.ts';
import { makeDirectories, putFile } from '../../support/disk/tree.ts';
import { journalEntry } from '../../support/journal/entry.ts';

function world(path: string, content = 'message'): { target: PlacementTarget; inode: bigint } {
  const fs = new SimulatedFileSystem();
  makeDirectories(fs, '/queue/deferred/A');
  makeDirectories(fs, '/queue/hold');
  const inode = putFile(fs, path, { content, mode: 0o600 });
  return { target: { fs, queueDirectory: '/queue', layout: DEFAULT_LAYOUT, enableLongQueueIds: false }, inode };
}

it.each([
  ['its own place', '/queue/deferred/A/A00011F', { queueName: 'deferred', queueId: 'A00011F' }],
  ['hold, where postsuper -h put it', '/queue/hold/A00011F', { queueName: 'hold', queueId: 'A00011F' }],
  ['a place of another hash depth', '/queue/deferred/A00011F', { queueName: 'deferred', queueId: 'A00011F' }],
  ['a name that it had before', '/queue/deferred/A/A00012F', { queueName: 'deferred', queueId: 'A00012F' }],
])('a message is seen in %s', (_, path, seen) => {
  const { target, inode } = world(path);
  const current = { index: 0, entry: journalEntry(inode), formerIds: ['A00012F'] };
  expect(sightsByName(target, current)).toMatchObject([{ path, ...seen }]);
});

it('a file of another inode or another size is not the message', () => {
  const path = '/queue/deferred/A/A00011F';
  const { target, inode } = world(path);
  expect(sightsByName(target, { index: 0, entry: journalEntry(inode + 1n), formerIds: [] })).toEqual([]);
  const longer = world(path, 'another message');
  expect(sightsByName(longer.target, { index: 0, entry: journalEntry(longer.inode), formerIds: [] })).toEqual([]);
});

it('a message is at its place only where Postfix would find it, under a name that is true to its inode', () => {
  const own = '/queue/deferred/A/A00011F';
  const { target } = world(own);
  const status = target.fs.lstat(own);
  if (status === undefined) {
    throw new Error('no file');
  }
  const named = { path: own, queueName: 'deferred', queueId: 'A00011F' } as const;
  // The inode of the ID A00011F is the number behind its five digits of microseconds.
  expect(isAtItsPlace(target, { ...named, status: { ...status, inode: 0x1fn } })).toBe(true);
  expect(isAtItsPlace(target, { ...named, status: { ...status, inode: 0x20n } })).toBe(false);
  expect(isAtItsPlace(target, { ...named, path: '/queue/deferred/A00011F', status: { ...status, inode: 0x1fn } })).toBe(
    false,
  );
});

it('a file is unready with mode 0600 and with no other', () => {
  const { target } = world('/queue/hold/A00011F');
  const status = target.fs.lstat('/queue/hold/A00011F');
  expect([0o600, 0o700, 0o744, 0o400].map((mode) => status !== undefined && isUnready({ ...status, mode }))).toEqual([
    true,
    false,
    false,
    false,
  ]);
});
