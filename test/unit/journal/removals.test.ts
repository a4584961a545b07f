/** What a recovery takes away goes only once what stays is durable. */

import { expect, it } from 'vitest';
import { Removals } from '../../../src/journal/removals.ts';
import { Faults } from '../../support/disk/faults.ts';
import { makeDirectories, putFile } from '../../support/disk/tree.ts';
import { JournalWorld } from '../../support/journal/world.ts';

function removalsOf(
  faults: Faults,
  world: JournalWorld = new JournalWorld(),
): { world: JournalWorld; removals: Removals } {
  const staging = world.begin();
  staging.seal();
  for (const name of ['A1', 'A2']) {
    putFile(world.disk, `/queue/hold/${name}`, {});
  }
  return { world, removals: new Removals(world.work(staging, faults)) };
}

it('removes when it is carried out, after what stays was made durable', () => {
  const calls: string[] = [];
  const faults = new Faults().afterCall(({ name }) => calls.push(name));
  const { world, removals } = removalsOf(faults);
  removals.keep('/queue/hold/A1');
  removals.remove('/queue/hold/A2');
  expect(world.disk.lstat('/queue/hold/A2')).toBeDefined();
  removals.carryOut();
  expect(world.disk.lstat('/queue/hold/A2')).toBeUndefined();
  const synced = calls.findIndex((name) => name === 'syncFileSystem' || name === 'fsync');
  expect(synced).toBeGreaterThanOrEqual(0);
  expect(synced).toBeLessThan(calls.indexOf('unlink'));
});

it('keeps what is to be kept, though it is to be removed as well', () => {
  const { world, removals } = removalsOf(new Faults());
  removals.remove('/queue/hold/A1');
  removals.keep('/queue/hold/A1');
  removals.carryOut();
  expect(world.disk.lstat('/queue/hold/A1')).toBeDefined();
});

it('makes no call where nothing is to be removed', () => {
  const faults = new Faults();
  const { removals } = removalsOf(faults);
  const before = faults.calls.length;
  removals.keep('/queue/hold/A1');
  removals.carryOut();
  expect(faults.calls.length).toBe(before);
});

it('removes nothing if what stays can not be made durable', () => {
  const faults = new Faults().failWhen(({ name }) => name === 'syncFileSystem' || name === 'fsync', 'EIO');
  const { world, removals } = removalsOf(faults);
  removals.keep('/queue/hold/A1');
  removals.remove('/queue/hold/A2');
  expect(() => removals.carryOut()).toThrow('EIO');
  expect(world.disk.lstat('/queue/hold/A2')).toBeDefined();
});

it('keeps what stays in new directories', () => {
  const synced: string[] = [];
  const faults = new Faults();
  // Where the whole file system can't be synced.
  const world = new JournalWorld(undefined, { wholeSync: false });
  faults.afterCall(({ name, paths: [path] }) => name === 'open' && synced.push(path ?? ''));
  const { removals } = removalsOf(faults, world);
  makeDirectories(world.disk, '/queue/defer/A/B/C');
  putFile(world.disk, '/queue/defer/A/B/C/ABC1', {});
  removals.keep('/queue/defer/A/B/C/ABC1');
  removals.remove('/queue/hold/A2');
  removals.carryOut();
  expect(synced).toEqual(
    expect.arrayContaining(['/queue/defer/A/B/C', '/queue/defer/A/B', '/queue/defer/A', '/queue/defer']),
  );
});
