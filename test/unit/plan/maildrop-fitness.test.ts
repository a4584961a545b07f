import { describe, expect, it } from 'vitest';
import { type MaildropLimits, unfitForMaildrop } from '../../../src/plan/maildrop-fitness.ts';
import { messageLine } from '../../support/archive/catalogue-message.ts';
import { find, planOf } from '../../support/plan/find.ts';

const LIMITS: MaildropLimits = { messageSize: 10_000, lineLength: 2048, attributes: 100, hops: 50 };
const NONE = Number.POSITIVE_INFINITY;

describe('what must not go through maildrop', () => {
  it.each([
    ['a small message', {}, undefined],
    ['one that grows above the limit', { file_size: 8977 }, 'too-big'],
    ['one that just does not', { file_size: 8976 }, undefined],
    ['a submission up to the limit', { queue_name: 'maildrop' as const, file_size: 10_000 }, undefined],
    ['a submission above it', { queue_name: 'maildrop' as const, file_size: 10_001 }, 'too-big'],
    ['a record at the limit', { longest_record: 2048 }, undefined],
    ['a record above it', { longest_record: 2049 }, 'long-record'],
    ['attributes at the limit', { attribute_count: 100 }, undefined],
    ['attributes above it', { attribute_count: 101 }, 'many-attributes'],
    ['as many hops as pickup lets pass with its own', { hops: 48 }, undefined],
    ['one more', { hops: 49 }, 'many-hops'],
  ])('%s', (_, changes, cause) => {
    expect(unfitForMaildrop(messageLine(changes), LIMITS)?.cause).toBe(cause);
    const unlimited = { messageSize: NONE, lineLength: NONE, attributes: NONE, hops: NONE };
    expect(unfitForMaildrop(messageLine(changes), unlimited)).toBeUndefined();
  });

  it('goes in place, and is told; a submission is left out', () => {
    const messages = [{ hops: 60 }, { file_size: 20_000 }, {}, { queue_name: 'hold' }, { pending: true }] as const;
    const options = { into: 'maildrop', limits: LIMITS } as const;
    expect(find(messages, { options }).map(({ code, severity, messages: count }) => [code, severity, count])).toEqual([
      ['held-in-place', 'info', 1],
      ['notice-in-place', 'info', 1],
      ['too-big-in-place', 'warning', 1],
      ['many-hops-in-place', 'warning', 1],
    ]);
    const lines = [
      messageLine({ hops: 60 }),
      messageLine({ queue_name: 'maildrop', hops: 60, fingerprint: 'e'.repeat(64) }),
    ];
    const decisions = [...planOf(lines, { options }).decisions()];
    expect(decisions[0]).toMatchObject({ kind: 'restore', destination: 'deferred' });
    const reason = { code: 'unfit-for-maildrop', cause: 'many-hops', value: 60, limit: 50 };
    expect(decisions[1]).toMatchObject({ action: 'failed', reason });
    expect(find(messages, { options: { into: 'queues', limits: LIMITS } })).toEqual([]);
  });
});
