/** What was copied is known again by more than its name: an ID can be used again, and mail moves. */

import { beforeEach, describe, expect, it } from 'vitest';
import { type Copy, CopyTable } from '../../../src/backup/copy-table.ts';
import { isStillQueued, type QueuedCopies, whereIs } from '../../../src/backup/still-queued.ts';
import type { MessageQueueName } from '../../../src/queue/queue-name.ts';
import { listQueues, QueueListing } from '../../../src/spool/scan.ts';
import { SimulatedFileSystem } from '../../support/disk/simulated-file-system.ts';
import { makeDirectories, putFile } from '../../support/disk/tree.ts';

const SHORT = '4D9195D7C3';
const LONG = '3pkvTJ1n2Vz1';
const ARRIVAL = 1_700_000_000_123_456;

let disk: SimulatedFileSystem;
let listing: QueueListing;
let copies: CopyTable;
let arrivals: Map<string, number>;

beforeEach(() => {
  disk = new SimulatedFileSystem();
  listing = new QueueListing();
  copies = new CopyTable();
  arrivals = new Map();
  makeDirectories(disk, '/spool');
});

const queued = (): QueuedCopies => ({
  spool: { fs: disk, queueDirectory: '/spool', depths: new Map() },
  listing,
  copies,
  nowNs: 0n,
  lookupRounds: 1,
  arrivalOf: ({ id }) => arrivals.get(id) ?? ARRIVAL,
});

/** Puts a message there, lists it, and copies it. */
function copy(queueName: MessageQueueName, id: string, changes: Partial<Copy> = {}): number {
  putFile(disk, `/spool/${queueName}/${id}`, { content: 'message', mode: 0o700 });
  list();
  const status = disk.lstat(`/spool/${queueName}/${id}`);
  return copies.add({
    id: listing.ids.find(id),
    round: 1,
    queueName,
    inode: status?.inode ?? 0n,
    size: status?.size ?? 0,
    birthtimeNs: status?.birthtimeNs ?? 0n,
    arrival: ARRIVAL,
    isFinished: true,
    ...changes,
  });
}

function list(): void {
  listing.begin();
  listQueues(disk, '/spool', { listing });
}

describe('is still queued', () => {
  it('where it was, and wherever else it went', () => {
    const number = copy('incoming', SHORT);
    expect([isStillQueued(queued(), number), whereIs(queued(), number)]).toEqual([true, 'incoming']);
    makeDirectories(disk, '/spool/hold');
    disk.rename(`/spool/incoming/${SHORT}`, `/spool/hold/${SHORT}`);
    expect([isStillQueued(queued(), number), whereIs(queued(), number)]).toEqual([true, 'hold']);
    list();
    expect(isStillQueued(queued(), number)).toBe(true);
  });

  it('under a long ID that is seen: no other file ever has it', () => {
    const number = copy('deferred', LONG, { inode: 999n });
    expect(isStillQueued(queued(), number)).toBe(true);
  });

  it('if it was seen in the last listing, though it has gone since', () => {
    const number = copy('deferred', SHORT);
    disk.unlink(`/spool/deferred/${SHORT}`);
    expect(isStillQueued(queued(), number)).toBe(true);
    copies.setLeft(number, true);
    expect(isStillQueued(queued(), number)).toBe(false);
  });
});

describe('has left', () => {
  it('if it is seen in no listing, and found nowhere', () => {
    const number = copy('deferred', SHORT);
    disk.unlink(`/spool/deferred/${SHORT}`);
    list();
    expect([isStillQueued(queued(), number), whereIs(queued(), number)]).toEqual([false, undefined]);
  });

  it.each([
    ['another inode', { inode: 12_345n }],
    ['another size', { size: 8 }],
    ['another birth time', { birthtimeNs: 1n }],
  ])('if its ID is that of a file of %s now', (_, changes) => {
    const number = copy('deferred', SHORT, changes);
    expect(isStillQueued(queued(), number)).toBe(false);
  });

  it('if the file that has its ID, inode and size arrived at another time, where no birth time is told', () => {
    const lstat = disk.lstat.bind(disk);
    disk.lstat = (path) => {
      const status = lstat(path);
      return status === undefined ? undefined : { ...status, birthtimeNs: 0n };
    };
    const number = copy('deferred', SHORT);
    expect(isStillQueued(queued(), number)).toBe(true);
    arrivals.set(SHORT, ARRIVAL + 1);
    expect(isStillQueued(queued(), number)).toBe(false);
  });

  it('if the same file was read again later: it was gone meanwhile, or so it seemed', () => {
    const first = copy('deferred', SHORT);
    const second = copies.add({ ...copies.get(first), round: 2 });
    expect([isStillQueued(queued(), first), isStillQueued(queued(), second)]).toEqual([false, true]);
  });
});
