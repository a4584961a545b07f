/** `diff` of an archive and another, and of an archive and the queue. */

import { readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { postsnap } from '../support/process/command.ts';
import {
  makeSampleQueue,
  messagesIn,
  type QueueFile,
  queueOptions,
  scratchDirectory,
} from '../support/queue/sample-queue.ts';

let scratch: string;
let queue: string;
let archive: string;
let temporary: string;
let runs = 0;
beforeAll(() => {
  scratch = scratchDirectory();
});
afterAll(() => {
  rmSync(scratch, { recursive: true });
});
beforeEach(() => {
  runs += 1;
  queue = makeSampleQueue(join(scratch, `queue-${runs}`));
  archive = join(scratch, `queue-${runs}.tar.zst`);
  temporary = scratchDirectory();
  expect(postsnap(['backup', ...queueOptions(queue), archive])).toMatchObject({ status: 0 });
});

function diff(args: readonly string[]) {
  const result = postsnap(['diff', ...queueOptions(queue), ...args], { environment: { TMPDIR: temporary } });
  expect(readdirSync(temporary)).toEqual([]);
  rmSync(temporary, { recursive: true });
  return result;
}

function firstIn(name: string): QueueFile {
  const [message] = messagesIn(queue).filter(({ queueName }) => queueName === name);
  if (message === undefined) throw new Error(`the sample has no mail in ${name}`);
  return message;
}

describe('an archive and the queue', () => {
  test('that it was made of: no difference, 0', () => {
    const { status, stdout, stderr } = diff([archive]);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toBe(`No difference: ${messagesIn(queue).length} messages.\n`);
  });

  test('that has changed since: each difference a line, 1', () => {
    const [gone, held] = [firstIn('incoming'), firstIn('deferred')];
    rmSync(gone.path);
    renameSync(held.path, join(queue, 'hold', held.queueId));
    const { status, stdout, stderr } = diff([archive]);
    expect([status, stderr]).toEqual([1, '']);
    expect(stdout).toMatch(new RegExp(`^Only in ${archive}: incoming/${gone.queueId} from .* to `, 'mu'));
    expect(stdout).toContain(`Changed: deferred/${held.queueId}: put on hold (was in deferred)\n`);
    expect(stdout).toContain(`\n1 only in ${archive}, 0 only in the queue, 1 changed, `);
  });

  test('with -j: an object a line, as the contract says', () => {
    const held = firstIn('deferred');
    renameSync(held.path, join(queue, 'hold', held.queueId));
    const { status, stdout } = diff(['-j', archive]);
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toEqual({
      change: 'changed',
      left: { queue_name: 'deferred', queue_id: held.queueId },
      right: { queue_name: 'hold', queue_id: held.queueId },
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/u),
      sender: expect.any(String),
      changes: [{ code: 'moved', from: 'deferred', to: 'hold' }],
    });
  });

  test('of which something could not be read: said, and trouble', () => {
    writeFileSync(join(queue, 'hold', 'no queue file'), '');
    const { status, stderr } = diff([archive]);
    expect(status).toBe(74);
    expect(stderr).toContain('no queue file: could not be read, and so not be compared');
  });
});

describe('two archives', () => {
  test('the second is the right side', () => {
    const gone = firstIn('hold');
    rmSync(gone.path);
    const later = join(scratch, `later-${runs}.tar.zst`);
    expect(postsnap(['backup', ...queueOptions(queue), later])).toMatchObject({ status: 0 });
    const { status, stdout } = postsnap(['diff', later, archive]);
    expect(status).toBe(1);
    expect(stdout).toMatch(new RegExp(`^Only in ${archive}: hold/${gone.queueId} `, 'mu'));
  });

  test('trouble is more than 1', () => {
    expect(postsnap(['diff', archive, join(scratch, 'nowhere')]).status).toBe(66);
  });

  test('both from stdin: refused', () => {
    expect(diff(['-', '-'])).toMatchObject({ status: 64 });
  });
});
