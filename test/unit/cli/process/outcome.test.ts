import { describe, expect, test } from 'vitest';
import { backupStatus, restoreStatus, selectsNothing, verifyStatus } from '../../../../src/cli/process/outcome.ts';

const taken = { unreadable: [], settled: true, missing_ids: [], messages: 3, left: 0 };

describe('backup', () => {
  const unreadable = [{ queue_name: 'deferred', queue_id: 'A', reason: 'EIO' }] as const;

  test('is 0 when all could be read and the queue settled', () => {
    expect(backupStatus({ ...taken, settled: true })).toBe(0);
  });

  test('is 1 when a file could not be read', () => {
    expect(backupStatus({ ...taken, unreadable: [...unreadable] })).toBe(1);
  });

  test('is 1 when the queue did not settle', () => {
    expect(backupStatus({ ...taken, settled: false })).toBe(1);
  });

  test('is 1 when a queue ID is not in the queue, or nothing was selected', () => {
    expect(backupStatus({ ...taken, missing_ids: ['ABCDE12345'] })).toBe(1);
    expect(backupStatus({ ...taken, messages: 0 }, true)).toBe(1);
    expect(backupStatus({ ...taken, messages: 0 })).toBe(0);
    expect(backupStatus(taken, true)).toBe(0);
  });
});

describe('restore', () => {
  const nothing = {
    restored: 0,
    already_present: 0,
    already_restored: 0,
    delivered_since: 0,
    left: 0,
    not_selected: 0,
    damaged: 0,
    failed: 0,
    accounted: true,
    missing_ids: [],
  };

  test.each(['damaged', 'failed'] as const)('is 1 when there are %s, whatever else was done', (count) => {
    expect(restoreStatus({ ...nothing, restored: 5, [count]: 1 })).toBe(1);
  });

  test.each(['restored', 'already_present', 'already_restored', 'left'] as const)('%s is no fault', (count) => {
    expect(restoreStatus({ ...nothing, [count]: 3 })).toBe(0);
    expect(restoreStatus({ ...nothing, [count]: 3, not_selected: 4 })).toBe(0);
  });

  test('an archive without messages is 0: nothing is missing', () => {
    expect(restoreStatus(nothing)).toBe(0);
    expect(selectsNothing(nothing)).toBe(false);
  });

  test('a selection that matches nothing is 1', () => {
    expect(restoreStatus({ ...nothing, not_selected: 4 })).toBe(1);
    expect(selectsNothing({ ...nothing, not_selected: 4 })).toBe(true);
  });

  test('a selection of an archive without messages is 1', () => {
    expect(restoreStatus(nothing, true)).toBe(1);
    expect(restoreStatus({ ...nothing, restored: 1 }, true)).toBe(0);
  });

  test('a queue ID that no message has is 1, whatever else was done', () => {
    expect(restoreStatus({ ...nothing, restored: 5, missing_ids: ['ABCDE12345'] }, true)).toBe(1);
  });
});

test('verify is 0 or 65', () => {
  expect(verifyStatus({ ok: true })).toBe(0);
  expect(verifyStatus({ ok: false })).toBe(65);
});
