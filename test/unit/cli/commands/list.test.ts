import { Readable } from 'node:stream';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Codec } from '../../../../src/archive/zstd/codec.ts';
import { loadCodec } from '../../../../src/archive/zstd/load-codec.ts';
import { runProgram } from '../../../../src/cli/program.ts';
import type { MessageQueueName } from '../../../../src/queue/queue-name.ts';
import { messageFile, noise, queueId, writeArchive } from '../../../support/archive/sample-archive.ts';
import { fakeTerminal } from '../../../support/process/terminal.ts';

let codec: Codec;
beforeAll(async () => {
  codec = await loadCodec();
});

const QUEUES: readonly MessageQueueName[] = ['deferred', 'hold', 'active', 'deferred'];

function archive(): string {
  const groups = QUEUES.map((queue, index) => [
    messageFile(queue, { number: index, content: noise(900 - index * 100, index) }),
  ]);
  return writeArchive({ codec, groups, stateOf: (_, index) => (index === 2 ? 'left' : 'queued') }).path;
}

async function list(args: readonly string[], input: readonly string[] = []) {
  const terminal = fakeTerminal({ standardInput: () => Readable.from(input) });
  const status = await runProgram(['list', '-j', ...args], terminal, '1');
  const ids = [...terminal.stdout().matchAll(/"queue_id": "([^"]*)"/gu)].map((match) => match[1]);
  return {
    status,
    numbers: ids.map((id) => [0, 1, 2, 3].findIndex((number) => queueId(number) === id)),
    stderr: terminal.stderr(),
  };
}

describe('the selection of a listing', () => {
  test.each([
    [[], [0, 1, 2, 3]],
    [
      [queueId(1), queueId(3)],
      [1, 3],
    ],
    [
      ['--id', queueId(1), '--id', `${queueId(3)}*`],
      [1, 3],
    ],
    [[`hold/${queueId(1)}!#`], [1]],
    [
      ['--queues', 'hold', '--queues', 'active'],
      [1, 2],
    ],
    [
      ['--exclude-queues', 'hold,active'],
      [0, 3],
    ],
    [
      ['--sender', 'sender-1@example.org', '--sender', '/-3@/'],
      [1, 3],
    ],
    [
      ['--exclude-sender', '/-[13]@/'],
      [0, 2],
    ],
    [
      ['--recipient', '@example.com', '--larger', '700'],
      [0, 1],
    ],
    [
      ['--smaller', '1k', '--exclude-smaller', '800'],
      [0, 1],
    ],
    [['--reason', '/TIMED out/', '--state', 'left'], [2]],
    [
      ['--older', '1d'],
      [0, 1, 2, 3],
    ],
    [
      ['--exclude-younger', '1d', '--exclude-id', queueId(0)],
      [1, 2, 3],
    ],
  ])('%o', async (args, numbers) => {
    expect(await list([archive(), ...args])).toEqual({ status: 0, numbers, stderr: '' });
  });

  test('takes IDs from stdin, one a line, with the marks of mailq', async () => {
    const input = [`${queueId(1)}!\n\n`, `  ${queueId(3).slice(0, 4)}`, `${queueId(3).slice(4)}*`];
    expect(await list([archive(), '--id', '-'], input)).toEqual({ status: 0, numbers: [1, 3], stderr: '' });
    expect(await list([archive(), '-', queueId(0)], input)).toMatchObject({ status: 0, numbers: [0, 1, 3] });
  });

  test('no ID on stdin is a selection of nothing, not of everything', async () => {
    const { status, numbers, stderr } = await list([archive(), '-']);
    expect([status, numbers]).toEqual([1, []]);
    expect(stderr).toContain('none of its messages was selected');
  });

  test('a selection that matches nothing is 1, and says so', async () => {
    const { status, numbers, stderr } = await list([archive(), '--sender', 'nobody@example.org']);
    expect([status, numbers]).toEqual([1, []]);
    expect(stderr).toMatch(/^postsnap: warning: .*: none of its messages was selected/u);
  });

  test('an ID that the archive does not have is named, and the others are listed', async () => {
    const { status, numbers, stderr } = await list([archive(), queueId(1), 'ABCDE12345']);
    expect([status, numbers]).toEqual([1, [1]]);
    expect(stderr).toMatch(/^postsnap: warning: ABCDE12345: no such message in [^\n]*\n$/u);
  });
});

describe('what is wrong with a selection is 64, and is said', () => {
  test.each([
    [['--older', '2'], '90s, 30m, 2h'],
    [['--older', '2h', '--older', '3h'], 'given twice'],
    [['--larger', 'big'], '10k, 5M'],
    [['--state', 'gone'], 'queued or left'],
    [['--queues', 'nosuch'], "no message queue 'nosuch'"],
    [['--sender', '/(/'], 'missing closing'],
    [['--reason', 'timeout'], 'between slashes'],
    [['nonsense'], 'nonsense is no queue ID'],
    [['defer/ABCDE12345'], 'no message queue defer'],
    [['ALL'], 'ALL is no queue ID'],
    [['--senders'], '--summary'],
    [['--summary', '--sort', 'size'], '--summary'],
    [['--sort', 'colour'], 'arrival, size, sender, recipient, queue'],
  ])('%o', async (args, reason) => {
    const { status, stderr } = await list(['/nowhere/archive', ...args]);
    expect(status).toBe(64);
    expect(stderr).toMatch(/^postsnap: fatal: [^\n]*\n$/u);
    expect(stderr).toContain(reason);
  });

  test('standard input that names no ID', async () => {
    expect(await list(['/nowhere/archive', '-'], ['ABCDE12345\n-- 4 Kbytes in 1 Request.\n'])).toMatchObject({
      status: 64,
      stderr: expect.stringContaining('is no queue ID'),
    });
  });

  test('standard input as the archive and as the IDs', async () => {
    const { status, stderr } = await list(['-', '--id', '-']);
    expect(status).toBe(64);
    expect(stderr).toContain('not both');
  });
});

describe('the order of a listing', () => {
  test.each([
    ['size', [0, 1, 2, 3]],
    ['queue', [2, 0, 3, 1]],
    ['sender', [0, 1, 2, 3]],
    ['recipient', [0, 1, 2, 3]],
    ['arrival', [0, 1, 2, 3]],
  ])('--sort %s', async (key, numbers) => {
    expect(await list([archive(), '--sort', key])).toEqual({ status: 0, numbers, stderr: '' });
  });
});
