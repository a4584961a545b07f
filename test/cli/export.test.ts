/** `cat --all`: the messages of an archive as files. */

import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { postsnap } from '../support/process/command.ts';
import {
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
  expect(postsnap(['backup', ...queueOptions(source), archive])).toMatchObject({ status: 0 });
});
afterAll(() => {
  rmSync(scratch, { recursive: true });
});

let runs = 0;
function directory(): string {
  runs += 1;
  return join(scratch, `mail-${runs}`);
}

function fileName({ queueName, queueId }: QueueFile): string {
  return `${queueName}-${queueId}.eml`;
}

describe('the messages of an archive as files', () => {
  test('all of them, each as cat --message gives it, for the owner alone', () => {
    const into = directory();
    const { status, stdout, stderr } = postsnap(['cat', '--all', into, archive]);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toBe(`Wrote ${messages.length} messages of ${archive} into ${into}.\n`);
    expect(readdirSync(into).sort()).toEqual(messages.map(fileName).sort());
    expect(statSync(into).mode & 0o777).toBe(0o700);
    for (const message of messages.slice(0, 4)) {
      const path = join(into, fileName(message));
      const { bytes } = postsnap(['cat', '--message', archive, `${message.queueName}/${message.queueId}`]);
      expect(readFileSync(path).equals(bytes)).toBe(true);
      expect(bytes.length).toBeGreaterThan(0);
      expect(statSync(path).mode & 0o777).toBe(0o600);
    }
  });

  test('those that are chosen', () => {
    const into = directory();
    const held = messages.filter(({ queueName }) => queueName === 'hold');
    const { status, stdout } = postsnap(['cat', '-j', '--all', into, '--queues', 'hold', archive]);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      directory: into,
      written: held.length,
      existing: [],
      damaged: [],
      selected: held.length,
      missing_ids: [],
      unsearched_recipients: false,
    });
    expect(readdirSync(into).sort()).toEqual(held.map(fileName).sort());
  });

  test('a file that is there already stays as it is, is named, and the others are written', () => {
    const into = directory();
    const [first] = messages;
    if (first === undefined) throw new Error('the sample is empty');
    mkdirSync(into);
    writeFileSync(join(into, fileName(first)), 'mine');
    const { status, stderr } = postsnap(['cat', '--all', into, archive]);
    expect(status).toBe(1);
    expect(stderr).toBe(
      `postsnap: warning: ${first.queueName}/${first.queueId}: ${join(into, fileName(first))} exists already, and is not replaced\n`,
    );
    expect(readFileSync(join(into, fileName(first)), 'utf8')).toBe('mine');
    expect(readdirSync(into)).toHaveLength(messages.length);
  });

  test('nothing that is chosen is 1', () => {
    const { status, stderr } = postsnap(['cat', '--all', directory(), archive, 'FFFFF12345']);
    expect(status).toBe(1);
    expect(stderr).toContain('FFFFF12345: no such message');
  });

  test('a directory that is none is 73', () => {
    const into = directory();
    writeFileSync(into, '');
    expect(postsnap(['cat', '--all', into, archive])).toMatchObject({ status: 73 });
  });

  test('a damaged frame costs what is in it, is named, and is 65', () => {
    const into = directory();
    const bytes = readFileSync(archive);
    // Past the header's frame, in the first that holds messages.
    bytes.fill(0, 3000, 3040);
    const damaged = join(scratch, 'damaged.tar.zst');
    writeFileSync(damaged, bytes);
    const { status, stdout, stderr } = postsnap(['cat', '-j', '--all', into, damaged]);
    expect(status).toBe(65);
    const report = JSON.parse(stdout);
    expect(report.damaged.length).toBeGreaterThan(0);
    expect(report.written + report.damaged.length).toBe(messages.length);
    expect(readdirSync(into)).toHaveLength(report.written);
    expect(stderr).toContain(': damaged: ');
  });
});

describe('without a directory', () => {
  test.each([
    [[], 'queue-id'],
    [['ABCDE12345', 'ABCDE12346'], '--all'],
    [['ABCDE12345', '--sender', 'a@b'], '--all'],
  ])('%o is refused', (args, reason) => {
    const { status, stderr } = postsnap(['cat', archive, ...args]);
    expect(status).toBe(64);
    expect(stderr).toContain(reason);
  });
});
