import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { nodeFileSystem } from '../../../src/fs/node-file-system.ts';
import { listQueues, type QueueListing, settledListing } from '../../../src/spool/scan.ts';
import { makeQueueDirectory, put } from '../../support/queue/queue-directory.ts';

function placesIn(listing: QueueListing): string[] {
  return [...listing.seen()].flatMap((index) => listing.paths(index)).sort();
}

describe('listQueues', () => {
  test('finds files in hash directories of any depth', () => {
    const queue = makeQueueDirectory();
    const places = [
      'deferred/0/000001',
      'deferred/000002',
      'hold/0/0/000003',
      'active/0/0/0/000004',
      'maildrop/000005',
    ];
    for (const place of places) {
      put(queue, place);
    }
    expect(placesIn(listQueues(nodeFileSystem, queue))).toEqual(places.sort());
  });

  test('does not enter what is in maildrop, nor what is a link', () => {
    const queue = makeQueueDirectory();
    const elsewhere = makeQueueDirectory();
    put(elsewhere, 'deferred/000001');
    put(queue, 'maildrop/A/000002');
    symlinkSync(join(elsewhere, 'deferred'), join(queue, 'deferred', 'A'));
    const listing = listQueues(nodeFileSystem, queue);
    expect(placesIn(listing)).toEqual([]);
    expect([...listing.strays.keys()].sort()).toEqual(['deferred/A', 'maildrop/A']);
  });

  test('follows a queue that is a link itself, as Postfix does', () => {
    const queue = makeQueueDirectory();
    const elsewhere = makeQueueDirectory();
    put(elsewhere, 'deferred/000001');
    rmSync(join(queue, 'deferred'), { recursive: true });
    symlinkSync(join(elsewhere, 'deferred'), join(queue, 'deferred'));
    expect(placesIn(listQueues(nodeFileSystem, queue))).toEqual(['deferred/000001']);
  });

  test('takes what an interrupted postsuper left for the ID that it is', () => {
    const queue = makeQueueDirectory();
    put(queue, 'hold/4D9195D7C3#FIX');
    const listing = listQueues(nodeFileSystem, queue);
    expect(listing.ids.text(0)).toBe('4D9195D7C3');
    expect(listing.paths(0)).toEqual(['hold/4D9195D7C3#FIX']);
  });

  test('names what is no queue ID, but for names that Postfix and NFS use for a moment', () => {
    const queue = makeQueueDirectory();
    put(queue, 'incoming/123456.789');
    put(queue, 'active/.nfs0000000000000001');
    put(queue, 'hold/core');
    const listing = listQueues(nodeFileSystem, queue);
    expect([...listing.strays.values()]).toEqual([
      { kind: 'name', queueName: 'hold', name: 'core', reason: 'the name is no queue ID' },
    ]);
    expect([...listing.nameless]).toEqual(['incoming/123456.789']);
  });

  test('takes a queue that is not there for empty, and names one that can not be listed', () => {
    const queue = makeQueueDirectory();
    rmSync(join(queue, 'saved'), { recursive: true });
    const refusing = {
      ...nodeFileSystem,
      readdir: (path: string) => {
        if (path.endsWith('/hold')) {
          throw Object.assign(new Error('denied'), { code: 'EACCES', errno: -13 });
        }
        return nodeFileSystem.readdir(path);
      },
    };
    const listing = listQueues(refusing, queue);
    expect([...listing.strays.values()]).toEqual([
      {
        kind: 'unlistable directory',
        queueName: 'hold',
        name: '',
        reason: "the directory can't be listed: Permission denied (EACCES)",
      },
    ]);
  });

  test('lists only the queues that are asked for', () => {
    const queue = makeQueueDirectory();
    put(queue, 'hold/000001');
    put(queue, 'active/000002');
    expect(placesIn(listQueues(nodeFileSystem, queue, { queues: ['hold'] }))).toEqual(['hold/000001']);
  });

  test('keeps every place where a name was seen, the last first', () => {
    const queue = makeQueueDirectory();
    put(queue, 'active/000001');
    put(queue, 'hold/000001');
    expect(listQueues(nodeFileSystem, queue).paths(0)).toEqual(['hold/000001', 'active/000001']);
  });
});

describe('settledListing', () => {
  const clockOf = (times: readonly number[]): (() => number) => {
    let call = 0;
    return () => {
      call += 1;
      return times[call - 1] ?? times.at(-1) ?? 0;
    };
  };

  test('lists five times, and is settled where that took less than minimal_backoff_time', () => {
    const queue = makeQueueDirectory();
    const result = settledListing(nodeFileSystem, queue, { minimalBackoffMs: 1000, clock: clockOf([0, 0, 999, 999]) });
    expect(result).toMatchObject({ settled: true, listings: 5, milliseconds: 999 });
  });

  test('lists again where it took longer, and gives up after three times', () => {
    const queue = makeQueueDirectory();
    const slowOnce = clockOf([0, 0, 1000, 1000, 1500]);
    expect(settledListing(nodeFileSystem, queue, { minimalBackoffMs: 1000, clock: slowOnce })).toMatchObject({
      settled: true,
      listings: 10,
    });
    const slow = clockOf([0, 0, 1000, 1000, 2000, 2000, 3000]);
    expect(settledListing(nodeFileSystem, queue, { minimalBackoffMs: 1000, clock: slow })).toMatchObject({
      settled: false,
      listings: 15,
    });
  });

  test('begins a new union in a listing that it is given: IDs keep their numbers', () => {
    const queue = makeQueueDirectory();
    const path = put(queue, 'hold/000001');
    const options = { minimalBackoffMs: 1000, clock: () => 0 };
    const { listing } = settledListing(nodeFileSystem, queue, options);
    rmSync(path);
    mkdirSync(join(queue, 'active', '0'));
    put(queue, 'active/0/000002');
    settledListing(nodeFileSystem, queue, { ...options, listing });
    expect(listing.isSeen(0)).toBe(false);
    expect(placesIn(listing)).toEqual(['active/0/000002']);
    expect(listing.ids.find('000002')).toBe(1);
  });
});
