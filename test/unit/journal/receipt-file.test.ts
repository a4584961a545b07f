import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { FileSystem } from '../../../src/fs/file-system.ts';
import type { JournalEntry } from '../../../src/journal/journal.ts';
import {
  CarriedJournal,
  JournalWriter,
  readJournalStatus,
  readSoundJournal,
} from '../../../src/journal/journal-file.ts';
import { condenseJournals, readReceipt } from '../../../src/journal/receipt-file.ts';
import { readReceipts } from '../../../src/journal/receipts.ts';
import type { SoughtMessage } from '../../../src/spool/target-messages.ts';
import { crashChoices } from '../../support/disk/crash-choice.ts';
import { Crash, Faults, faultyFileSystem } from '../../support/disk/faults.ts';
import { SimulatedFileSystem } from '../../support/disk/simulated-file-system.ts';
import { makeDirectories, putFile, readWhole } from '../../support/disk/tree.ts';
import { journalEntry } from '../../support/journal/entry.ts';

vi.setConfig({ testTimeout: 60_000 });

const STATE = '/queue/postsnap';
const HEAD = {
  journal: 2,
  snapshotId: 'snapshot',
  into: 'queues',
  archive: 'monday.tar.zst',
  started: '2026-01-01T00:00:00.000Z',
  staging: 'run.staged',
  hashQueueNames: [],
  hashQueueDepth: 1,
} as const;

/** The first half is what counts. */
const digest = (letter: string, number: number): string =>
  `${letter}${String(number).padStart(31, '0')}${'7'.repeat(32)}`;

/** As they come: most with a lineage that is their origin's, one of maildrop, one that cleanup has seen, one without. */
function entry(number: number): JournalEntry {
  const plain = { ...journalEntry(BigInt(number)), fingerprint: digest('f', number) };
  switch (number % 4) {
    case 0:
      return { ...plain, submission: digest('5', number), sender: `user${number}` };
    case 1:
      return { ...plain, queueName: 'maildrop', submission: digest('5', number), origin: null, sender: 'user' };
    case 2:
      return { ...plain, submission: digest('5', number), origin: digest('0', number), sender: '' };
    default:
      return plain;
  }
}

const MESSAGES = 9;
const GIVEN_UP = 4;
const UNCERTAIN = 5;

function write(disk: FileSystem, name: string, change: Partial<{ into: string; snapshotId: string }> = {}): string {
  const path = `${STATE}/${name}.journal`;
  const nextDraft = (attempt: number) => `${STATE}/${name}.${attempt}.draft`;
  const writer = new JournalWriter(disk, { journal: path, nextDraft }, { ...HEAD, ...change });
  for (let number = 0; number < MESSAGES; number += 1) {
    writer.append(entry(number));
  }
  writer.seal();
  return path;
}

function done(disk: FileSystem, path: string): void {
  const journal = new CarriedJournal(disk, path, readSoundJournal(disk, path));
  for (let index = 0; index < MESSAGES; index += 1) {
    const kind = index === GIVEN_UP ? '-' : index === UNCERTAIN ? '?' : '+';
    journal.mark({ kind, index });
  }
  journal.finish('2026-01-02T00:00:00.000Z');
  journal.close();
}

let disk: SimulatedFileSystem;
beforeEach(() => {
  disk = new SimulatedFileSystem();
  makeDirectories(disk, STATE);
  done(disk, write(disk, 'a'));
  disk.settle();
});

/** All that a restore asks: each message itself, what pickup made of it, what it was made of, another sender, others. */
function answers(fs: FileSystem): unknown[] {
  return [true, false].flatMap((anySender) => {
    const receipts = readReceipts(fs, '/queue', { anySender });
    const asked = Array.from({ length: MESSAGES + 3 }, (_, number) => number).flatMap((number): SoughtMessage[] => {
      const { fingerprint, submission, origin, sender = '' } = entry(number);
      const other = digest('e', number);
      const lineage = { submission, origin, sender };
      return [
        { queueName: 'deferred', fingerprint, sender: '' },
        { queueName: 'incoming', fingerprint: other, ...lineage },
        { queueName: 'maildrop', fingerprint: other, ...lineage, submission: submission ?? other },
        { queueName: 'incoming', fingerprint: other, submission: other, origin: submission, sender },
        { queueName: 'incoming', fingerprint: other, submission: other, origin: submission, sender: 'changed' },
      ];
    });
    return [asked.map((message) => receipts.find(message) !== undefined), [...receipts.uncertain]];
  });
}

describe('a journal that is done', () => {
  it('becomes a receipt that answers all as the journal did, and goes', () => {
    const before = answers(disk);
    const length = disk.lstat(`${STATE}/a.journal`)?.size ?? 0;
    condenseJournals(disk, '/queue');
    expect(disk.readdir(STATE)).toEqual(['a.receipt']);
    expect(answers(disk)).toEqual(before);
    expect(disk.lstat(`${STATE}/a.receipt`)?.size).toBeLessThan(length / 5);
    expect(disk.lstat(`${STATE}/a.receipt`)?.mode).toBe(0o600);
    expect(readReceipt(disk, `${STATE}/a.receipt`, () => undefined)).toEqual({
      snapshotId: 'snapshot',
      into: 'queues',
      archive: 'monday.tar.zst',
      started: HEAD.started,
      finished: '2026-01-02T00:00:00.000Z',
    });
    expect(before.flat(3)).toContain(true);
    expect(before.flat(3)).toContain(false);
  });

  it('tells by which restore a message came', () => {
    condenseJournals(disk, '/queue');
    const receipts = readReceipts(disk, '/queue', { anySender: false });
    const message = { queueName: 'deferred', fingerprint: digest('f', 3), sender: '' } as const;
    expect(receipts.find(message)).toMatchObject({ archive: 'monday.tar.zst', started: HEAD.started });
    expect(receipts.find({ ...message, fingerprint: digest('f', 99) })).toBeUndefined();
  });

  it('leaves nothing where it was a repair’s, or all was given up', () => {
    done(disk, write(disk, 'b', { into: 'repair' }));
    const given = write(disk, 'c');
    const journal = new CarriedJournal(disk, given, readSoundJournal(disk, given));
    Array.from({ length: MESSAGES }, (_, index) => journal.mark({ kind: '-', index }));
    journal.finish('now');
    journal.close();
    condenseJournals(disk, '/queue');
    expect(disk.readdir(STATE)).toEqual(['a.receipt']);
  });

  it.each(['before', 'during', 'after'] as const)('knows the same wherever it is cut off %s a call', (moment) => {
    const expected = answers(disk);
    const record = new Faults();
    condenseJournals(faultyFileSystem(disk, record), '/queue');
    expect(record.calls.length).toBeGreaterThan(10);
    for (const { index } of record.calls) {
      const cut = new SimulatedFileSystem();
      makeDirectories(cut, STATE);
      done(cut, write(cut, 'a'));
      cut.settle();
      const faults = new Faults().crashAt(index, moment);
      expect(() => condenseJournals(faultyFileSystem(cut, faults), '/queue')).toThrow(Crash);
      for (const choice of crashChoices(3)) {
        const image = cut.afterCrash(choice);
        expect(answers(image), `call ${index}, ${choice.title}`).toEqual(expected);
        condenseJournals(image, '/queue');
        expect(image.readdir(STATE), `call ${index}, ${choice.title}`).toEqual(['a.receipt']);
        expect(answers(image)).toEqual(expected);
      }
    }
  });

  it.each(['ENOSPC', 'EIO', 'EACCES'])('is kept, or its receipt, where a call fails with %s', (errno) => {
    const expected = answers(disk);
    const record = new Faults();
    const trial = new SimulatedFileSystem();
    makeDirectories(trial, STATE);
    done(trial, write(trial, 'a'));
    condenseJournals(faultyFileSystem(trial, record), '/queue');
    for (const { index, name } of record.calls.filter((call) => call.name !== 'lstat' && call.name !== 'readdir')) {
      const failing = new SimulatedFileSystem();
      makeDirectories(failing, STATE);
      done(failing, write(failing, 'a'));
      condenseJournals(faultyFileSystem(failing, new Faults().failAt(index, errno)), '/queue');
      expect(answers(failing), `call ${index} ${name}`).toEqual(expected);
      expect(failing.openDescriptors, `call ${index} ${name}`).toBe(0);
      condenseJournals(failing, '/queue');
      expect(failing.readdir(STATE)).toEqual(['a.receipt']);
    }
  });

  it('stays while it is not done', () => {
    write(disk, 'b');
    condenseJournals(disk, '/queue');
    expect(disk.readdir(STATE).sort()).toEqual(['a.receipt', 'b.journal']);
    expect(readJournalStatus(disk, `${STATE}/b.journal`).state).toBe('unfinished');
  });
});

describe('a receipt', () => {
  const RECEIPT = `${STATE}/a.receipt`;
  const read = (): void => void readReceipt(disk, RECEIPT, () => undefined);

  it('is refused wherever a byte of it is another, is gone, or was added', () => {
    condenseJournals(disk, '/queue');
    const content = readWhole(disk, RECEIPT);
    for (const at of content.keys()) {
      const flipped = Uint8Array.from(content);
      flipped[at] = (flipped[at] ?? 0) ^ 0x01;
      putFile(disk, RECEIPT, { content: flipped });
      expect(read, `byte ${at}`).toThrow('damaged');
      putFile(disk, RECEIPT, { content: content.subarray(0, at) });
      expect(read, `cut at ${at}`).toThrow('damaged');
    }
    putFile(disk, RECEIPT, { content: Buffer.concat([content, Buffer.of(0)]) });
    expect(read).toThrow('damaged');
    putFile(disk, RECEIPT, { content });
    expect(read).not.toThrow();
  });

  it.each([200, 70_000, 170_000])('is read though its archive names its snapshot with %s characters', (length) => {
    done(disk, write(disk, 'b', { snapshotId: '\u0001'.repeat(length) }));
    condenseJournals(disk, '/queue');
    expect(disk.readdir(STATE).sort()).toEqual(['a.receipt', 'b.receipt']);
    expect(answers(disk).flat(3)).toContain(true);
  });

  it('is refused with a next step where mail_owner may not read it', () => {
    condenseJournals(disk, '/queue');
    const faults = new Faults().failWhen(({ name, paths }) => name === 'open' && paths[0] === RECEIPT, 'EACCES');
    const look = () => readReceipts(faultyFileSystem(disk, faults), '/queue', { anySender: false });
    expect(look).toThrow(expect.objectContaining({ code: 'refused', nextStep: expect.stringContaining('chown -R') }));
  });

  it('is found though it was a journal when the lists were made', () => {
    const listed = answers(disk);
    let isListed = false;
    const late = vi.spyOn(disk, 'open');
    late.mockImplementation((...call) => {
      late.mockRestore();
      isListed = true;
      condenseJournals(disk, '/queue');
      return disk.open(...call);
    });
    expect(answers(disk)).toEqual(listed);
    expect([isListed, disk.readdir(STATE)]).toEqual([true, ['a.receipt']]);
  });

  it('is refused where it is no file', () => {
    disk.mkdir(RECEIPT, 0o700);
    expect(read).toThrow();
  });
});
