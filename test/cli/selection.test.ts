/** Restores of a part of an archive: what was asked for arrives, and nothing else. */

import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { postsnap } from '../support/process/command.ts';
import {
  makeEmptyQueue,
  makeSampleQueue,
  messagesIn,
  type QueueFile,
  queueOptions,
  scratchDirectory,
} from '../support/queue/sample-queue.ts';

let scratch: string;
let archive: string;
let messages: QueueFile[];
beforeAll(() => {
  scratch = scratchDirectory();
  const source = makeSampleQueue(join(scratch, 'source'));
  messages = messagesIn(source);
  archive = join(scratch, 'queue.tar.zst');
  expect(postsnap(['backup', ...queueOptions(source), archive])).toMatchObject({ status: 0, stderr: '' });
});
afterAll(() => {
  rmSync(scratch, { recursive: true });
});

let runs = 0;

/** Restores into a new queue. */
function restore(args: readonly string[], input = '') {
  runs += 1;
  const target = makeEmptyQueue(join(scratch, `target-${runs}`));
  const map = join(scratch, `map-${runs}`);
  const options = [...queueOptions(target), '-j', '--map', map, archive, ...args];
  const { status, stdout, stderr } = postsnap(['restore', ...options], { input: Buffer.from(input) });
  const lines = status === 64 ? [] : readFileSync(map, 'utf8').trimEnd().split('\n');
  const mapped = lines.map((line): Record<string, string> => JSON.parse(line));
  return {
    status,
    report: status === 64 ? undefined : JSON.parse(stdout),
    stderr,
    mapped,
    arrived: messagesIn(target),
  };
}

function contents(files: readonly QueueFile[]): string[] {
  return files.map(({ path }) => readFileSync(path, 'latin1')).sort();
}

function idsIn(queueName: string): QueueFile[] {
  return messages.filter((message) => message.queueName === queueName);
}

describe('a restore of a part of an archive', () => {
  test('by ID, with the marks of mailq: these arrive, the rest is counted, and its reason is in the map', () => {
    const [one, two, ...rest] = idsIn('deferred');
    if (one === undefined || two === undefined) throw new Error('the sample has no deferred mail');
    const { status, report, stderr, mapped, arrived } = restore([`${one.queueId}*`, `deferred/${two.queueId}#`]);
    expect([status, stderr]).toEqual([0, '']);
    expect(report).toMatchObject({ restored: 2, not_selected: messages.length - 2, missing_ids: [] });
    expect(contents(arrived)).toEqual(contents([one, two]));
    expect(mapped).toHaveLength(messages.length);
    expect(mapped.find((line) => line['queue_id'] === rest[0]?.queueId)).toMatchObject({
      action: 'not_selected',
      code: 'criterion-not-met',
      reason: 'its queue ID is not what was asked for',
    });
  });

  test('by IDs from stdin, and a second run of the same command does nothing', () => {
    const held = idsIn('hold');
    const input = held.map(({ queueId }) => `${queueId}!\n`).join('');
    const { status, report, arrived } = restore(['--id', '-'], input);
    expect([status, report.restored]).toEqual([0, held.length]);
    expect(contents(arrived)).toEqual(contents(held));
  });

  test('by the list of mailq', () => {
    const listing = postsnap(['list', '--queues', 'hold', archive]).stdout;
    expect(listing).toMatch(/^-Queue ID-.*\n[0-9A-Za-z]+! /u);
    const { status, report, stderr, arrived } = restore(['--id', '-'], listing);
    expect([status, stderr]).toEqual([0, '']);
    expect(report).toMatchObject({ restored: idsIn('hold').length, missing_ids: [] });
    expect(contents(arrived)).toEqual(contents(idsIn('hold')));
    const none = restore(['--id', '-'], 'Mail queue is empty\n');
    expect([none.status, none.report.restored]).toEqual([1, 0]);
  });

  test('by what is not wanted', () => {
    const { status, report, arrived } = restore(['--exclude-queues', 'hold,maildrop', '--exclude-reason', '/./']);
    expect(status).toBe(0);
    expect(arrived.length).toBeGreaterThan(0);
    expect(report.restored).toBe(arrived.length);
    expect(contents(arrived)).toEqual(contents(idsIn('incoming')));
  });

  test('a dry run says the same, and changes nothing', () => {
    const { report, arrived } = restore(['-n', '--queues', 'hold']);
    expect(report).toMatchObject({ dry_run: true, restored: idsIn('hold').length });
    expect(arrived).toEqual([]);
  });

  test('that matches nothing is 1, says so, and changes nothing', () => {
    const { status, report, stderr, arrived } = restore(['--sender', 'nobody@nowhere.example']);
    expect(status).toBe(1);
    expect(report).toMatchObject({ restored: 0, not_selected: messages.length });
    expect(stderr).toContain('none of its messages was selected');
    expect(arrived).toEqual([]);
  });

  test('an ID that the archive does not have is named, in the JSON too, and is 1', () => {
    const [held] = idsIn('hold');
    const { status, report, stderr } = restore([held?.queueId ?? '', 'FFFFF12345']);
    expect(status).toBe(1);
    expect(report).toMatchObject({ restored: 1, missing_ids: ['FFFFF12345'] });
    expect(stderr).toContain('warning: FFFFF12345: no such message in');
  });

  test('an ID that another criterion leaves out is named with the reason', () => {
    const [held] = idsIn('hold');
    const { status, stderr } = restore([held?.queueId ?? '', '--queues', 'deferred']);
    expect(status).toBe(1);
    expect(stderr).toContain(`hold/${held?.queueId}: not selected: its queue hold was not named`);
  });

  test('of what left alone is refused without its own option', () => {
    const { status, stderr } = restore(['--state', 'left']);
    expect(status).toBe(64);
    expect(stderr).toContain('--include-left');
  });
});

describe('a backup of a part of a queue', () => {
  function backup(args: readonly string[], input = '') {
    runs += 1;
    const part = join(scratch, `part-${runs}.tar.zst`);
    const source = join(scratch, 'source');
    const options = [...queueOptions(source), '-j', part, ...args];
    const { status, stdout, stderr } = postsnap(['backup', ...options], { input: Buffer.from(input) });
    if (status === 64) {
      return { status, report: undefined, stderr, taken: [] };
    }
    const listed = postsnap(['list', '-j', part]).stdout.trimEnd().split('\n');
    const taken = listed.filter((line) => line !== '').map((line): string => JSON.parse(line).queue_id);
    return {
      status,
      report: JSON.parse(stdout),
      stderr,
      taken: taken.toSorted((one, other) => (one < other ? -1 : 1)),
    };
  }

  function ids(files: readonly QueueFile[]): string[] {
    return files.map(({ queueId }) => queueId).sort();
  }

  test.each([['0'], ['2']])('by ID, in %s threads', (workers) => {
    const [one, two] = [...idsIn('hold'), ...idsIn('deferred')];
    const chosen = [one, two].filter((file) => file !== undefined);
    const named = [`${one?.queueId}!`, `${two?.queueName}/${two?.queueId}`];
    const { status, report, stderr, taken } = backup(['--workers', workers, ...named]);
    expect([status, stderr]).toEqual([0, '']);
    expect(taken).toEqual(ids(chosen));
    expect(report).toMatchObject({ messages: 2, not_selected: messages.length - 2, missing_ids: [] });
  });

  test.each([['0'], ['2']])('by what is in the mail and its logs, in %s threads', (workers) => {
    const { status, report, taken } = backup(['--workers', workers, '--reason', '/./', '--exclude-queues', 'hold']);
    expect(status).toBe(0);
    expect(taken).toEqual(ids(idsIn('deferred').filter(({ queueId }) => taken.includes(queueId))));
    expect(taken.length).toBeGreaterThan(3);
    expect(report.messages + report.not_selected).toBe(messages.length - idsIn('hold').length);
  });

  test('by IDs from stdin; one that is not there is named, and is 1', () => {
    const held = idsIn('hold');
    const input = `${held.map(({ queueId }) => queueId).join('\n')}\nFFFFF12345\n`;
    const { status, report, stderr, taken } = backup(['-'], input);
    expect(status).toBe(1);
    expect(stderr).toBe('postsnap: warning: FFFFF12345: no such message in the queue\n');
    expect(report.missing_ids).toEqual(['FFFFF12345']);
    expect(taken).toEqual(ids(held));
  });

  test('that matches nothing is 1, and says so', () => {
    const { status, report, stderr } = backup(['--sender', 'nobody@nowhere.example']);
    expect(status).toBe(1);
    expect(report).toMatchObject({ messages: 0, not_selected: messages.length });
    expect(stderr).toContain('none of the messages in the queue was selected');
  });

  test('by a state, which nobody knows yet, is refused', () => {
    expect(backup(['--state', 'left'])).toMatchObject({ status: 64 });
  });
});
