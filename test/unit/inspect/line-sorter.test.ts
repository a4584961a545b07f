import { readdirSync } from 'node:fs';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { MessageLine } from '../../../src/format/catalogue-line.ts';
import { nodeFileSystem } from '../../../src/fs/node-file-system.ts';
import { LineSorter } from '../../../src/inspect/line-sorter.ts';
import type { SortKey } from '../../../src/inspect/sort-key.ts';
import { messageLine } from '../../support/archive/catalogue-message.ts';
import { temporaryDirectory } from '../../support/archive/sample-archive.ts';

function sorted(key: SortKey, lines: readonly MessageLine[]): MessageLine[] {
  const sorter = new LineSorter(nodeFileSystem, key);
  onTestFinished(() => sorter.close());
  for (const line of lines) {
    sorter.add(line);
  }
  return [...sorter.sorted()];
}

const LINES = [
  messageLine({ queue_id: 'ABCDE1', arrival_time: 30, message_size: 5, sender: 'b@x', queue_name: 'hold' }),
  messageLine({ queue_id: 'ABCDE2', arrival_time: 10, message_size: 50, sender: 'C@x', queue_name: 'deferred' }),
  messageLine({
    queue_id: 'ABCDE3',
    arrival_time: 20,
    arrival_microseconds: 2,
    message_size: 5,
    sender: 'a@x',
    queue_name: 'hold',
  }),
  messageLine({
    queue_id: 'ABCDE4',
    arrival_time: 20,
    arrival_microseconds: 1,
    message_size: 7,
    sender: 'A@x',
    queue_name: 'active',
    recipients: [],
  }),
];

describe('messages are sorted', () => {
  test.each([
    ['arrival', ['ABCDE2', 'ABCDE4', 'ABCDE3', 'ABCDE1']],
    ['size', ['ABCDE2', 'ABCDE4', 'ABCDE3', 'ABCDE1']],
    ['sender', ['ABCDE4', 'ABCDE3', 'ABCDE1', 'ABCDE2']],
    ['recipient', ['ABCDE4', 'ABCDE2', 'ABCDE3', 'ABCDE1']],
    ['queue', ['ABCDE4', 'ABCDE2', 'ABCDE3', 'ABCDE1']],
  ] as const)('by %s; what is alike by arrival', (key, ids) => {
    expect(sorted(key, LINES).map((line) => line.queue_id)).toEqual(ids);
  });

  test('and come out as they went in, whatever their size', () => {
    const big = messageLine({
      recipients: [
        ...Array.from({ length: 200 }, () => ({ address: 'ü'.repeat(8000) })),
        { address: 'b', delay_reason: 'c\n"' },
      ],
    });
    expect(sorted('size', [big, ...LINES, big]).filter((line) => line.queue_id === big.queue_id)).toEqual([big, big]);
  });

  test('with no file left behind', () => {
    const directory = temporaryDirectory();
    vi.stubEnv('TMPDIR', directory);
    onTestFinished(() => void vi.unstubAllEnvs());
    sorted('size', LINES);
    expect(readdirSync(directory)).toEqual([]);
  });
});
