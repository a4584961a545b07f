import { describe, expect, it } from 'vitest';
import {
  isCorruptMark,
  isForcedExpiry,
  isGenuineSubmission,
  isReady,
  isUnfinished,
  restoredMode,
} from '../../../src/queue/mode.ts';
import {
  isLogQueueName,
  isMessageQueueName,
  isQueueName,
  LOG_QUEUES,
  MESSAGE_QUEUES,
  QUEUES,
} from '../../../src/queue/queue-name.ts';
import { queueFileFixtures } from '../../support/queue/queue-file-fixtures.ts';

const REGULAR_FILE = 0o100000;

describe('the mode of a queue file', () => {
  it.each([
    [0o700, 'ready'],
    [0o744, 'ready'],
    [0o710, 'ready'],
    [0o600, 'unfinished'],
    [0o640, 'unfinished'],
    [0o400, 'corrupt'],
    [0o500, 'nothing'],
    [0o300, 'nothing'],
  ])('%o with its file type is %s', (mode, meaning) => {
    const full = REGULAR_FILE | mode;
    expect([isReady(full), isUnfinished(full), isCorruptMark(full)]).toEqual([
      meaning === 'ready',
      meaning === 'unfinished',
      meaning === 'corrupt',
    ]);
  });

  it.each(queueFileFixtures())('$name: is as the list of postqueue says', ({ queue_name, queue_file, postqueue }) => {
    const mode = Number.parseInt(queue_file.mode, 8);
    expect(isReady(mode)).toBe(true);
    expect(isForcedExpiry(mode)).toBe(postqueue?.forced_expire ?? false);
    expect(restoredMode(queue_name, mode)).toBe(mode);
  });

  it('tells a submission from a requeued message', () => {
    expect(isGenuineSubmission(0o744)).toBe(true);
    expect(isGenuineSubmission(0o700)).toBe(false);
  });
});

describe('restoredMode', () => {
  it.each([
    ['deferred', 0o777, 0o710],
    ['deferred', 0o740, 0o700],
    ['hold', 0o710, 0o710],
    ['incoming', 0o600, 0o700],
    ['maildrop', 0o744, 0o744],
    ['maildrop', 0o704, 0o744],
    ['maildrop', 0o777, 0o744],
    ['maildrop', 0o700, 0o700],
    ['corrupt', 0o400, 0o700],
    ['defer', 0o600, 0o600],
    ['bounce', 0o777, 0o600],
  ] as const)('%s, archived with %o', (queueName, archived, restored) => {
    expect(restoredMode(queueName, archived)).toBe(restored);
  });
});

describe('the table of queues', () => {
  it('names each queue once, as a message queue or a log queue', () => {
    const names = QUEUES.map(({ name }) => name);
    expect(names).toEqual([...MESSAGE_QUEUES, ...LOG_QUEUES]);
    expect(new Set(names).size).toBe(10);
    expect(names.filter(isMessageQueueName)).toEqual(MESSAGE_QUEUES);
    expect(names.filter(isLogQueueName)).toEqual(LOG_QUEUES);
  });

  it.each(['flush', 'Deferred', '', 'pid', 'toString'])('does not name %j', (text) => {
    expect(isQueueName(text)).toBe(false);
  });

  it('lets all queues but maildrop be hashed', () => {
    expect(QUEUES.filter(({ hashable }) => !hashable).map(({ name }) => name)).toEqual(['maildrop']);
  });
});
