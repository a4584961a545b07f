import { describe, expect, it } from 'vitest';
import { hashDirectories } from '../../../src/queue/hash-directory.ts';
import { DEFAULT_LAYOUT, parseLayout, possiblePaths, queueFilePath } from '../../../src/queue/layout.ts';
import { formatLongQueueId, formatShortQueueId, parseQueueId, type QueueId } from '../../../src/queue/queue-id.ts';
import { queueFileFixtures } from '../../support/queue/queue-file-fixtures.ts';

const SHORT = formatShortQueueId({ microseconds: 0xabcde, inode: 0x1fn });
const LONG = formatLongQueueId({ seconds: 1_700_000_000, microseconds: 0xabcde, inode: 0x1fn });

function parsed(text: string): QueueId {
  const id = parseQueueId(text);
  if (id === undefined) {
    throw new Error(`${text} is no queue ID`);
  }
  return id;
}

describe('paths that Postfix made', () => {
  it.each(queueFileFixtures())('$queue_file.path', ({ queue_name, queue_id, queue_file, logs }) => {
    const id = parsed(queue_id);
    expect(queueFilePath(DEFAULT_LAYOUT, queue_name, id)).toBe(queue_file.path);
    for (const name of ['defer', 'bounce', 'trace'] as const) {
      const log = logs[name];
      expect(log === undefined ? undefined : queueFilePath(DEFAULT_LAYOUT, name, id)).toBe(log?.path);
    }
  });
});

describe('hashDirectories', () => {
  it.each([
    [0, []],
    [1, ['A']],
    [2, ['A', 'B']],
    [3, ['A', 'B', 'C']],
  ])('depth %d: long IDs hash by their microseconds, as short ones do', (depth, directories) => {
    expect(hashDirectories(SHORT, depth)).toEqual(directories);
    expect(hashDirectories(LONG, depth)).toEqual(directories);
  });

  it('goes on with underscores where the name ends', () => {
    expect(hashDirectories(parsed('123456'), 8)).toEqual(['1', '2', '3', '4', '5', '6', '_', '_']);
    expect(hashDirectories(LONG, 7)).toEqual(['A', 'B', 'C', 'D', 'E', '_', '_']);
  });
});

describe('queueFilePath', () => {
  it('never hashes maildrop', () => {
    const layout = parseLayout('maildrop, deferred', 2);
    expect(queueFilePath(layout, 'maildrop', SHORT)).toBe(`maildrop/${SHORT.text}`);
    expect(possiblePaths(layout, 'maildrop', SHORT)).toEqual([`maildrop/${SHORT.text}`]);
  });

  it('compares queue names without regard to case, as mail_queue_dir() does', () => {
    expect(queueFilePath(parseLayout('Hold\tDEFER', 1), 'hold', SHORT)).toBe(`hold/A/${SHORT.text}`);
  });

  it('knows no hashed queue in an empty parameter', () => {
    expect(queueFilePath(parseLayout('', 1), 'deferred', SHORT)).toBe(`deferred/${SHORT.text}`);
  });
});

describe('possiblePaths', () => {
  it('begins with the own place and goes through the other depths', () => {
    expect(possiblePaths(parseLayout('deferred', 2), 'deferred', SHORT)).toEqual([
      `deferred/A/B/${SHORT.text}`,
      `deferred/${SHORT.text}`,
      `deferred/A/${SHORT.text}`,
      `deferred/A/B/C/${SHORT.text}`,
    ]);
  });

  it('finds hashed leftovers of a queue that is flat now', () => {
    const paths = possiblePaths(parseLayout('', 1), 'hold', SHORT);
    expect(paths[0]).toBe(`hold/${SHORT.text}`);
    expect(paths).toContain(`hold/A/${SHORT.text}`);
    expect(new Set(paths).size).toBe(paths.length);
  });
});
