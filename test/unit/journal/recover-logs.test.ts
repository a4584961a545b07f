/** The logs of a message that is recovered: ours are found and put right, nobody else's are touched. */

import { beforeEach, expect, it } from 'vitest';
import type { JournalEntry, JournalLog } from '../../../src/journal/journal.ts';
import { bringLogBack, makeStaged, removeLogs, tidyLogs } from '../../../src/journal/recover-logs.ts';
import { type Recovery, Removals } from '../../../src/journal/removals.ts';
import type { Staging } from '../../../src/journal/staging.ts';
import { putFile } from '../../support/disk/tree.ts';
import { entryOf, JournalWorld } from '../../support/journal/world.ts';

let world: JournalWorld;
let staging: Staging;
let entry: JournalEntry;
let recovery: Recovery;
let staged: string;

beforeEach(() => {
  world = new JournalWorld();
  staging = world.begin();
  entry = world.stage(staging, 0, { log: 'why' });
  staging.seal();
  const work = world.work(staging);
  recovery = { work, removals: new Removals(work) };
  staged = `${staging.directory}/0/0.defer`;
});

const logPath = (queueId: string): string => `/queue/defer/${queueId.slice(0, 1)}/${queueId}`;

function ownLog(): JournalLog {
  const [log] = entryOf(recovery.work, 0).entry.logs;
  if (log === undefined) {
    throw new Error('the message has no log');
  }
  return log;
}

function link(path: string): void {
  putFile(world.disk, `${path}.x`, {});
  world.disk.link(staged, path);
}

it('removes a name of our log that is not its own, and leaves its own', () => {
  const current = { ...entryOf(recovery.work, 0), formerIds: ['B00011F'] };
  link(logPath('B00011F'));
  link(logPath(entry.newQueueId));
  link(`/queue/defer/${entry.newQueueId}`);
  tidyLogs(recovery, current, undefined);
  recovery.removals.carryOut();
  expect(world.contentAt(logPath('B00011F'))).toBeUndefined();
  expect(world.contentAt(`/queue/defer/${entry.newQueueId}`)).toBeUndefined();
  expect([world.contentAt(logPath(entry.newQueueId)), world.contentAt(staged)]).toEqual(['why', 'why']);
});

it('leaves a log of somebody else’s under such a name', () => {
  const current = { ...entryOf(recovery.work, 0), formerIds: ['B00011F'] };
  link(logPath(entry.newQueueId));
  putFile(world.disk, logPath('B00011F'), { content: 'theirs' });
  tidyLogs(recovery, current, undefined);
  removeLogs(recovery, current, { queueIds: ['B00011F'] });
  recovery.removals.carryOut();
  expect(world.contentAt(logPath('B00011F'))).toBe('theirs');
});

it('removes the copies of a message’s logs under an ID that it has no more, under half a name too', () => {
  putFile(world.disk, logPath('B00011F'), { content: 'why' });
  putFile(world.disk, `${logPath('B00011F')}#FIX`, { content: 'why' });
  removeLogs(recovery, entryOf(recovery.work, 0), { queueIds: ['B00011F'] });
  recovery.removals.carryOut();
  expect([world.contentAt(logPath('B00011F')), world.contentAt(`${logPath('B00011F')}#FIX`)]).toEqual([
    undefined,
    undefined,
  ]);
});

it('gives a log that stands by its message’s name its staged name back', () => {
  world.disk.unlink(staged);
  putFile(world.disk, logPath('B00011F'), { content: 'why' });
  bringLogBack(recovery, { entry, log: ownLog() }, ['A00022F', 'B00011F']);
  expect(world.contentAt(staged)).toBe('why');
});

it('takes what Postfix has added to for its log, unless another message has that ID', () => {
  world.disk.unlink(staged);
  putFile(world.disk, logPath('B00011F'), { content: 'why, and why again' });
  putFile(world.disk, '/queue/hold/B00011F', { content: 'another message' });
  bringLogBack(recovery, { entry, log: ownLog() }, ['B00011F']);
  expect(world.contentAt(staged)).toBeUndefined();
  world.disk.unlink('/queue/hold/B00011F');
  bringLogBack(recovery, { entry, log: ownLog() }, ['B00011F']);
  expect(world.contentAt(staged)).toBe('why, and why again');
});

it('leaves a log with the same bytes to another message that has its ID', () => {
  putFile(world.disk, logPath('B00011F'), { content: 'why' });
  putFile(world.disk, '/queue/hold/B00011F', { content: 'another message' });
  removeLogs(recovery, entryOf(recovery.work, 0), { queueIds: ['B00011F'] });
  recovery.removals.carryOut();
  expect(world.contentAt(logPath('B00011F'))).toBe('why');
});

it('never removes the last one: it becomes the one that stays', () => {
  world.disk.unlink(staged);
  putFile(world.disk, logPath('B00011F'), { content: 'why' });
  removeLogs(recovery, entryOf(recovery.work, 0), { queueIds: ['B00011F'] });
  recovery.removals.carryOut();
  expect([world.contentAt(logPath('B00011F')), world.contentAt(staged)]).toEqual([undefined, 'why']);
});

it('makes the directories of a staged name anew', () => {
  putFile(world.disk, '/queue/hold/A1', { content: 'message' });
  const path = '/queue/postsnap/gone.staged/7/700.message';
  makeStaged(world.target(), '/queue/hold/A1', path);
  expect(world.contentAt(path)).toBe('message');
  expect(world.disk.lstat('/queue/postsnap/gone.staged')?.mode).toBe(0o700);
});
