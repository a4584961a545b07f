import { describe, expect, test } from 'vitest';
import type { MessageLine } from '../../../src/format/catalogue-line.ts';
import { changesOf } from '../../../src/inspect/message-changes.ts';
import { messageLine } from '../../support/archive/catalogue-message.ts';

const OTHER = 'd'.repeat(64);
const before = messageLine({ recipients: [{ address: 'a@x', delay_reason: 'busy' }, { address: 'b@x' }] });

function changes(later: Partial<MessageLine>) {
  return changesOf(before, { ...before, ...later });
}

describe('what became of a message', () => {
  test('nothing; and when it is tried next, and by whom it is owned, is nothing', () => {
    expect(changes({})).toEqual([]);
    expect(changes({ mtime: '1', uid: 7, frame: 9, mode: 0o744 })).toEqual([]);
  });

  test.each([
    ['put on hold', { queue_name: 'hold' }, [{ code: 'moved', from: 'deferred', to: 'hold' }]],
    ['another ID', { queue_id: 'ABCDE12345' }, [{ code: 'renamed', from: '4F1A21B', to: 'ABCDE12345' }]],
    ['requeued', { fingerprint: OTHER, sha256: OTHER }, [{ code: 'rewritten' }]],
    [
      'delivered to one',
      { sha256: OTHER, recipients: [{ address: 'a@x', delay_reason: 'busy' }] },
      [{ code: 'recipients-done', recipients: ['b@x'] }],
    ],
    [
      'returned to one',
      { sha256: OTHER, pending: true, recipients: [{ address: 'a@x', bounce_reason: 'unknown' }, { address: 'b@x' }] },
      [
        { code: 'recipients-done', recipients: ['a@x'] },
        { code: 'notice-pending', set: true },
      ],
    ],
    [
      'delayed',
      {
        recipients: [
          { address: 'a@x', delay_reason: 'full' },
          { address: 'b@x', delay_reason: 'full' },
        ],
      },
      [{ code: 'reason-changed', recipients: ['a@x', 'b@x'] }],
    ],
    [
      'a recipient more',
      { recipients: [...before.recipients, { address: 'c@x' }] },
      [{ code: 'recipients-added', recipients: ['c@x'] }],
    ],
    ['expired by force', { forced_expire: true }, [{ code: 'forced-expiry', set: true }]],
    ['warned of its delay', { sha256: OTHER }, [{ code: 'marked' }]],
  ] as const)('%s', (_, later, expected) => {
    expect(changes(later)).toEqual(expected);
  });

  test('of recipients that the catalogue has no room for nothing is said', () => {
    expect(changes({ recipients: [], recipients_omitted: 3 })).toEqual([]);
  });
});
