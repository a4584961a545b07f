import { describe, expect, it } from 'vitest';
import {
  hasLostMode,
  isCorruptMark,
  isForcedExpiry,
  isGenuineSubmission,
  isReady,
  isStrayExpiry,
  isWritersMode,
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
    [0o600, 'lost'],
    [0o644, 'lost'],
    [0o400, 'corrupt'],
    [0o444, 'lost'],
    [0o500, 'lost'],
    [0o300, 'lost'],
  ])('%o with its file type is %s', (mode, meaning) => {
    const full = REGULAR_FILE | mode;
    expect([isReady(full), hasLostMode('deferred', full), isCorruptMark(full)]).toEqual([
      meaning === 'ready',
      meaning === 'lost',
      meaning === 'corrupt',
    ]);
    expect(hasLostMode('corrupt', full)).toBe(false);
  });

  it('tells what cleanup and postdrop write from what has lost its mode', () => {
    const writers = MESSAGE_QUEUES.flatMap((queueName) =>
      [0o600, 0o644, 0o640, 0o700]
        .filter((mode) => isWritersMode(queueName, REGULAR_FILE | mode))
        .map((mode) => [queueName, mode]),
    );
    expect(writers).toEqual([
      ['maildrop', 0o600],
      ['maildrop', 0o644],
      ['incoming', 0o600],
    ]);
  });

  it('takes exactly what postsuper -e leaves for forced expiry', () => {
    const modes = [0o700, 0o710, 0o711, 0o740, 0o744, 0o750, 0o754, 0o755, 0o770, 0o775, 0o777, 0o610];
    expect(modes.filter((mode) => isForcedExpiry(REGULAR_FILE | mode))).toEqual([0o710]);
    expect(modes.filter((mode) => isStrayExpiry(REGULAR_FILE | mode))).toEqual([
      0o711, 0o750, 0o754, 0o755, 0o770, 0o775, 0o777, 0o610,
    ]);
  });

  it.each(queueFileFixtures())('$name: is as the list of postqueue says', ({ queue_name, queue_file, postqueue }) => {
    const mode = Number.parseInt(queue_file.mode, 8);
    expect(isReady(mode)).toBe(true);
    expect(isForcedExpiry(mode)).toBe(postqueue?.forced_expire ?? false);
    expect(restoredMode(queue_name, mode)).toBe(mode);
  });

  it('tells a submission from a requeued message', () => {
    expect(isGenuineSubmission(REGULAR_FILE | 0o744)).toBe(true);
    expect([0o700, 0o710, 0o740].filter(isGenuineSubmission)).toEqual([]);
    // chmod -R, or a copy without modes: nobody knows what it was, so it is checked.
    expect([0o600, 0o644, 0o750, 0o770, 0o777, 0o755].every(isGenuineSubmission)).toBe(true);
  });
});

describe('restoredMode', () => {
  it.each([
    ['deferred', 0o777, 0o700],
    ['deferred', 0o750, 0o700],
    ['deferred', 0o644, 0o700],
    ['deferred', 0o740, 0o700],
    ['hold', 0o710, 0o710],
    ['incoming', 0o600, 0o700],
    ['maildrop', 0o744, 0o744],
    ['maildrop', 0o704, 0o744],
    ['maildrop', 0o777, 0o744],
    ['maildrop', 0o644, 0o744],
    ['maildrop', 0o600, 0o744],
    ['maildrop', 0o710, 0o710],
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
