import { describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../../src/journal/journal.ts';
import {
  finalPaths,
  linkEntry,
  type PlacementTarget,
  stagedPaths,
  unlinkFinals,
} from '../../../src/journal/placement.ts';
import { dropStagedMessage } from '../../../src/journal/readiness.ts';
import { DEFAULT_LAYOUT } from '../../../src/queue/layout.ts';
import { SimulatedFileSystem } from '../../support/disk/simulated-file-system.ts';
import { makeDirectories, putFile, readWhole } from '../../support/disk/tree.ts';
import { journalEntry } from '../../support/journal/entry.ts';

const STAGING = '/queue/postsnap/run.staged';
const FINAL = '/queue/deferred/A/A00011F';
const LOG = '/queue/defer/A/A00011F';

interface Staged {
  readonly fs: SimulatedFileSystem;
  readonly target: PlacementTarget;
  readonly entry: JournalEntry;
}

function stage(): Staged {
  const fs = new SimulatedFileSystem();
  makeDirectories(fs, '/queue/deferred');
  makeDirectories(fs, '/queue/defer');
  const inode = putFile(fs, `${STAGING}/0/0.message`, { content: 'message', mode: 0o600 });
  putFile(fs, `${STAGING}/0/0.defer`, { content: 'log', mode: 0o600 });
  const log = { queueName: 'defer', from: 'postsnap/run.staged/0/0.defer', size: 3, sha256: '0'.repeat(64) } as const;
  const entry = journalEntry(inode, [log]);
  return { fs, target: { fs, queueDirectory: '/queue', layout: DEFAULT_LAYOUT, enableLongQueueIds: false }, entry };
}

const text = (fs: SimulatedFileSystem, path: string): string => Buffer.from(readWhole(fs, path)).toString();

describe('linkEntry', () => {
  it('gives the log and the message their names, making the hash directories, and leaves them unready', () => {
    const { fs, target, entry } = stage();
    expect(linkEntry(target, entry)).toBe('linked');
    expect(text(fs, FINAL)).toBe('message');
    expect(text(fs, LOG)).toBe('log');
    expect(fs.lstat(FINAL)).toMatchObject({ mode: 0o600, links: 2 });
    expect(fs.lstat('/queue/deferred/A')?.mode).toBe(0o700);
    expect(finalPaths(target, entry)).toEqual([LOG, FINAL]);
    expect(stagedPaths(target, entry)).toEqual([`${STAGING}/0/0.defer`, `${STAGING}/0/0.message`]);
  });

  it('can be repeated', () => {
    const { fs, target, entry } = stage();
    linkEntry(target, entry);
    expect(linkEntry(target, entry)).toBe('linked');
    expect(fs.lstat(FINAL)?.links).toBe(2);
  });

  it.each([FINAL, LOG])('takes everything back when %s is taken, and replaces nothing', (path) => {
    const { fs, target, entry } = stage();
    putFile(fs, path, { content: 'another' });
    expect(linkEntry(target, entry)).toBe('taken');
    expect(text(fs, path)).toBe('another');
    expect(fs.lstat(path === FINAL ? LOG : FINAL)).toBeUndefined();
    expect(fs.lstat(`${STAGING}/0/0.message`)?.links).toBe(1);
  });

  it('says so where the staged name is gone, and puts no log there: Postfix may have had the message, and its logs', () => {
    const { fs, target, entry } = stage();
    fs.unlink(`${STAGING}/0/0.message`);
    expect(() => linkEntry(target, { ...entry, logs: [] })).toThrow('ENOENT');
  });

  it('does not make a queue that is not there', () => {
    const { fs, target, entry } = stage();
    fs.rmdir('/queue/deferred');
    expect(() => linkEntry(target, entry)).toThrow('ENOENT');
    expect(fs.lstat('/queue/deferred')).toBeUndefined();
  });
});

describe('unlinkFinals', () => {
  it('takes back the names that were given up, and nobody else’s', () => {
    const { fs, target, entry } = stage();
    linkEntry(target, entry);
    putFile(fs, '/queue/deferred/A/A00012F', { content: 'another' });
    for (const queueId of ['A00011F', 'A00012F']) {
      unlinkFinals(target, entry, queueId);
    }
    expect(fs.lstat(FINAL)).toBeUndefined();
    expect(fs.lstat(LOG)).toBeUndefined();
    expect(text(fs, '/queue/deferred/A/A00012F')).toBe('another');
  });
});

describe('dropStagedMessage', () => {
  const current = ({ entry }: Staged) => ({ index: 0, entry, formerIds: [] });

  it('leaves the message one name', () => {
    const staged = stage();
    const { fs, target, entry } = staged;
    linkEntry(target, entry);
    expect(dropStagedMessage(target, current(staged))).toEqual({ queueName: 'deferred', queueId: 'A00011F' });
    expect(fs.lstat(FINAL)).toMatchObject({ mode: 0o600, links: 1 });
    expect(fs.lstat(`${STAGING}/0/0.defer`)?.links).toBe(2);
  });

  it('keeps the last name', () => {
    const staged = stage();
    linkEntry(staged.target, staged.entry);
    staged.fs.unlink(FINAL);
    expect(dropStagedMessage(staged.target, current(staged))).toBeUndefined();
    expect(text(staged.fs, `${STAGING}/0/0.message`)).toBe('message');
  });

  it('keeps it where another file has the own name', () => {
    const staged = stage();
    putFile(staged.fs, FINAL, { content: 'another' });
    expect(dropStagedMessage(staged.target, current(staged))).toBeUndefined();
    expect(text(staged.fs, `${STAGING}/0/0.message`)).toBe('message');
  });

  it('finds it where an administrator has put it meanwhile', () => {
    const { fs, target, entry } = stage();
    const queueId = `A0001${entry.inode.toString(16).toUpperCase()}`;
    const own = { ...entry, newQueueId: queueId };
    linkEntry(target, own);
    makeDirectories(fs, '/queue/hold');
    fs.rename(`/queue/deferred/A/${queueId}`, `/queue/hold/${queueId}`);
    const place = dropStagedMessage(target, { index: 0, entry: own, formerIds: [] });
    expect(place).toMatchObject({ queueName: 'hold', queueId });
    expect(fs.lstat(`/queue/hold/${queueId}`)?.links).toBe(1);
  });
});
