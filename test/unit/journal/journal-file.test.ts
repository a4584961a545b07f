import { constants } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { JOURNAL_VERSION, type JournalEntry, type Move } from '../../../src/journal/journal.ts';
import {
  CarriedJournal,
  JournalWriter,
  journalEntries,
  readJournalStatus,
  readSoundJournal,
  unfinishedJournals,
} from '../../../src/journal/journal-file.ts';
import { MessageStates } from '../../../src/journal/marks.ts';
import { finishJournals } from '../../../src/journal/unfinished.ts';
import { DEFAULT_LAYOUT } from '../../../src/queue/layout.ts';
import { SimulatedFileSystem } from '../../support/disk/simulated-file-system.ts';
import { makeDirectories, putFile, readWhole, snapshotTree } from '../../support/disk/tree.ts';

const PATH = '/queue/postsnap/run.journal';
const STAGING = '/queue/postsnap/run.staged';
const HEAD = {
  journal: JOURNAL_VERSION,
  snapshotId: 'snapshot',
  into: 'queues',
  archive: 'queue.tar.zst',
  started: '2026-01-01T00:00:00.000Z',
  staging: 'run.staged',
  hashQueueNames: ['deferred'],
  hashQueueDepth: 1,
} as const;

function entryOf(number: number): JournalEntry {
  return {
    queueName: 'hold',
    queueId: `A0001${number}F`,
    fingerprint: String(number).padStart(64, '0'),
    newQueueName: 'hold',
    newQueueId: `A0001${number}E`,
    from: `postsnap/run.staged/0/${number}.message`,
    sha256: String(number).padStart(64, '0'),
    inode: BigInt(number),
    size: 1,
    mode: 0o700,
    logs: [],
  };
}

function makeDisk(): SimulatedFileSystem {
  const disk = new SimulatedFileSystem();
  makeDirectories(disk, STAGING, 0o700);
  return disk;
}

const ground = (fs: SimulatedFileSystem) => ({
  fs,
  queueDirectory: '/queue',
  layout: DEFAULT_LAYOUT,
  enableLongQueueIds: false,
});

function write(disk: SimulatedFileSystem, entries = 2) {
  const journal = new JournalWriter(disk, { journal: PATH, nextDraft: () => `${STAGING}/1.draft` }, HEAD);
  for (let number = 0; number < entries; number += 1) {
    journal.append(entryOf(number));
  }
  return journal;
}

function sealed(entries = 2): SimulatedFileSystem {
  const disk = makeDisk();
  write(disk, entries).seal();
  return disk;
}

function open(disk: SimulatedFileSystem): CarriedJournal {
  return new CarriedJournal(disk, PATH, readSoundJournal(disk, PATH));
}

function moveTo(journal: CarriedJournal, index: number, queueId: string): void {
  journal.move({ index, entry: entryOf(index), formerIds: [] }, { queueName: 'hold', queueId, inode: 16n });
}

function idsOf(moves: ReadonlyMap<number, readonly Move[]>, index: number): string[] {
  return (moves.get(index) ?? []).map(({ queueId }) => queueId);
}

/** A journal that moved an entry and is done, and the length of its sealed part. */
function carriedOut(): { bytes: Uint8Array; sealedLength: number } {
  const disk = sealed();
  const sealedLength = readWhole(disk, PATH).length;
  const journal = open(disk);
  moveTo(journal, 1, 'A000210');
  journal.finish('2026-01-01T00:00:01.000Z');
  journal.close();
  return { bytes: readWhole(disk, PATH), sealedLength };
}

function diskWith(bytes: Uint8Array): SimulatedFileSystem {
  const disk = makeDisk();
  putFile(disk, PATH, { content: bytes, mode: 0o600 });
  return disk;
}

describe('a journal', () => {
  it('has no name until it is sealed', () => {
    const disk = makeDisk();
    const journal = write(disk);
    expect(disk.lstat(PATH)).toBeUndefined();
    journal.seal();
    expect(disk.lstat(PATH)).toMatchObject({ mode: 0o600, links: 1 });
    expect(readJournalStatus(disk, PATH)).toMatchObject({ state: 'unfinished', head: HEAD, messages: 2 });
    expect(disk.openDescriptors).toBe(0);
  });

  it('gives back the entries that were written, however many', () => {
    const disk = sealed(2000);
    const read = [...journalEntries(disk, PATH, { moves: new Map() })];
    expect(read.map(({ entry }) => entry.inode)).toEqual(Array.from({ length: 2000 }, (_, number) => BigInt(number)));
    expect(read[7]).toEqual({ index: 7, entry: entryOf(7), formerIds: [] });
  });

  it('is discarded while it is a draft, and not afterwards', () => {
    const disk = makeDisk();
    expect(write(disk).discard()).toBe(true);
    expect(snapshotTree(disk, '/queue').has('postsnap/run.staged/1.draft')).toBe(false);
    const journal = write(disk);
    journal.seal();
    expect(journal.discard()).toBe(false);
    expect(readJournalStatus(disk, PATH).state).toBe('unfinished');
    expect(disk.openDescriptors).toBe(0);
  });

  it('knows the later names of an entry, oldest first, and the older ones', () => {
    const disk = sealed();
    const journal = open(disk);
    moveTo(journal, 1, 'A000210');
    moveTo(journal, 1, 'A000310');
    const { moves } = readSoundJournal(disk, PATH);
    expect(moves).toEqual(journal.moves);
    expect(idsOf(moves, 1)).toEqual(['A000210', 'A000310']);
    const [first, second] = [...journalEntries(disk, PATH, { moves })];
    expect(first?.formerIds).toEqual([]);
    expect(second?.entry.newQueueId).toBe('A000310');
    expect(second?.formerIds).toEqual(['A00011E', 'A000210']);
  });

  it('is done when it says so', () => {
    const disk = sealed();
    expect(unfinishedJournals(disk, '/queue')).toEqual([{ path: PATH }]);
    open(disk).finish('now');
    expect(readJournalStatus(disk, PATH).state).toBe('done');
    expect(unfinishedJournals(disk, '/queue')).toEqual([]);
  });
});

describe('a journal that is torn', () => {
  it('in what was sealed is damaged, at every byte', () => {
    const { bytes, sealedLength } = carriedOut();
    for (let length = 0; length < sealedLength; length += 1) {
      expect(readJournalStatus(diskWith(bytes.slice(0, length)), PATH).state, `at ${length}`).toBe('damaged');
    }
  });

  it('in a later line is as if that line had not been written, and takes further lines', () => {
    const { bytes, sealedLength } = carriedOut();
    for (let length = sealedLength; length < bytes.length; length += 1) {
      const disk = diskWith(bytes.slice(0, length));
      expect(readJournalStatus(disk, PATH).state, `at ${length}`).toBe('unfinished');
      const journal = open(disk);
      moveTo(journal, 0, 'A000410');
      journal.finish('at last');
      const status = readJournalStatus(disk, PATH);
      expect(status.state, `at ${length}`).toBe('done');
      expect(status.state === 'done' && idsOf(status.moves, 0), `at ${length}`).toEqual(['A000410']);
    }
  });

  it('by zeros where a write did not reach the disk, likewise', () => {
    const { bytes, sealedLength } = carriedOut();
    const zeros = new Uint8Array(bytes.length);
    zeros.set(bytes.subarray(0, sealedLength + 20));
    const disk = diskWith(zeros);
    expect(readJournalStatus(disk, PATH).state).toBe('unfinished');
    open(disk).finish('at last');
    expect(readJournalStatus(disk, PATH).state).toBe('done');
  });
});

describe('a journal with a flipped bit', () => {
  const flip = (bytes: Uint8Array, at: number, bit: number): Uint8Array =>
    bytes.map((byte, position) => (position === at ? byte ^ (1 << bit) : byte));

  it('in what was sealed is damaged, wherever it is', () => {
    const { bytes, sealedLength } = carriedOut();
    for (let at = 0; at < sealedLength; at += 1) {
      const disk = diskWith(flip(bytes, at, at % 8));
      expect(readJournalStatus(disk, PATH).state, `byte ${at}`).toBe('damaged');
    }
  });

  it('in a later line never says another thing', () => {
    const { bytes, sealedLength } = carriedOut();
    let undecided = 0;
    for (let at = sealedLength; at < bytes.length; at += 1) {
      for (let bit = 0; bit < 8; bit += 1) {
        const status = readJournalStatus(diskWith(flip(bytes, at, bit)), PATH);
        const isSame = status.state === 'done' && idsOf(status.moves, 1).join() === 'A000210';
        undecided += status.state === 'damaged' || isSame ? 0 : 1;
        expect(
          status.state === 'damaged' ? [] : [...status.moves.keys()].flatMap((index) => idsOf(status.moves, index)),
        ).toSatisfy((names: string[]) => names.every((name) => name === 'A000210'));
      }
    }
    // A closing brace or the last newline that is gone looks like a torn line: a few bits of some two thousand.
    expect(undecided).toBeLessThanOrEqual(24);
  });

  it('is refused by the next restore, which removes nothing', async () => {
    const { bytes } = carriedOut();
    const disk = diskWith(flip(bytes, 300, 0));
    putFile(disk, `${STAGING}/0/0.message`, { content: 'the only copy' });
    expect(unfinishedJournals(disk, '/queue')).toEqual([{ path: PATH, fault: 'it does not fit its digest' }]);
    const before = snapshotTree(disk, '/queue');
    await expect(finishJournals({ ...ground(disk), now: () => new Date(0) })).rejects.toThrow('damaged');
    expect(snapshotTree(disk, '/queue')).toEqual(before);
  });
});

describe('a draft', () => {
  it('counts for nothing, and goes with what was staged', async () => {
    const disk = makeDisk();
    write(disk);
    putFile(disk, `${STAGING}/0/0.message`, { content: 'staged' });
    disk.endProcess();
    expect(unfinishedJournals(disk, '/queue')).toEqual([]);
    await finishJournals({ ...ground(disk), now: () => new Date(0) });
    expect([...snapshotTree(disk, '/queue').keys()]).toEqual(['postsnap']);
  });

  it('is never followed where a link stands in its place', () => {
    const disk = makeDisk();
    putFile(disk, '/secret', { content: 'secret' });
    disk.symlink('/secret', PATH);
    expect(() => readJournalStatus(disk, PATH)).toThrow();
    const known = { head: HEAD, states: new MessageStates(1), moves: new Map() };
    expect(() => new CarriedJournal(disk, PATH, known).finish('')).toThrow();
    const fd = disk.open('/secret', constants.O_RDONLY);
    expect(disk.fstat(fd).size).toBe(6);
  });
});
