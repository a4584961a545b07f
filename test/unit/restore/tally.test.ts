import { expect, it } from 'vitest';
import type { Reason } from '../../../src/plan/reason.ts';
import type { MessageMapping } from '../../../src/restore/options.ts';
import { Tally } from '../../../src/restore/tally.ts';
import { messageLine } from '../../support/archive/catalogue-message.ts';

it('counts each message once, by what became of it, and tells where it is', () => {
  const told: MessageMapping[] = [];
  const tally = new Tally(
    (mapping) => told.push(mapping),
    (fingerprint) => (fingerprint === 'of-staged' ? ['past-lifetime'] : []),
  );
  const message = messageLine({ queue_name: 'hold', queue_id: 'A00011F' });
  const malformed: Reason = { code: 'malformed-records', faults: ['no end record'] };
  const place = { queueName: 'deferred', queueId: 'A00012F' } as const;
  tally.omitted({ kind: 'omit', message, action: 'already_present', reason: { code: 'in-target' }, place });
  tally.omitted({ kind: 'omit', message, action: 'failed', reason: malformed });
  tally.wouldRestore(message, 'incoming');
  tally.restored({
    queueName: 'hold',
    queueId: 'A00011F',
    fingerprint: 'of-staged',
    newQueueName: 'hold',
    newQueueId: 'A00013F',
    from: '0/0.message',
    sha256: '0'.repeat(64),
    inode: 1n,
    size: 1,
    mode: 0o700,
    logs: [],
  });
  const from = { queue_name: 'hold', queue_id: 'A00011F' };
  expect(told).toEqual([
    {
      ...from,
      new_queue_name: 'deferred',
      new_queue_id: 'A00012F',
      action: 'already_present',
      reason: { code: 'in-target' },
      findings: [],
    },
    { ...from, new_queue_name: null, new_queue_id: null, action: 'failed', reason: malformed, findings: [] },
    { ...from, new_queue_name: 'incoming', new_queue_id: null, action: 'restored', reason: null, findings: [] },
    {
      ...from,
      new_queue_name: 'hold',
      new_queue_id: 'A00013F',
      action: 'restored',
      reason: null,
      findings: ['past-lifetime'],
    },
  ]);
  expect(tally.counts()).toEqual({
    restored: 2,
    already_present: 1,
    already_restored: 0,
    delivered_since: 0,
    left: 0,
    not_selected: 0,
    damaged: 0,
    failed: 1,
  });
});
