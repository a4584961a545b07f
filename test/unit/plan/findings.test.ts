import { describe, expect, it } from 'vitest';
import type { MessageLine } from '../../../src/format/catalogue-line.ts';
import type { PlanOptions } from '../../../src/plan/decide.ts';
import type { Finding } from '../../../src/plan/finding.ts';
import { createPlan } from '../../../src/plan/plan.ts';
import type { PreflightParameters } from '../../../src/plan/preflight/rule.ts';
import { BUILT_IN_PARAMETERS } from '../../../src/postfix/parameters.ts';
import { messageLine } from '../../support/archive/catalogue-message.ts';

/** An hour after the messages arrived and were deferred. */
const NOW = 1_700_003_600;
const DAY = 86_400;
const TIMES = { now: NOW, lifetime: 5 * DAY, bounceLifetime: DAY, backoff: 4000 };
const OLD = { arrival_time: NOW - 6 * DAY };

interface Circumstances {
  readonly options?: Partial<PlanOptions>;
  readonly parameters?: Partial<PreflightParameters>;
}

/** What is found of messages that differ in nothing but what a test says. */
function find(messages: readonly Partial<MessageLine>[], circumstances: Circumstances = {}): readonly Finding[] {
  const { options, parameters } = circumstances;
  const lines = messages.map((changes, at) =>
    messageLine({ fingerprint: String(at).padStart(64, '0'), queue_id: `4F1A2${at}B`, ...changes }),
  );
  return createPlan({
    archive: { catalogue: () => lines, lost: [] },
    known: { find: () => undefined, restoredBefore: () => false, finishedNow: () => undefined },
    options: { into: 'queues', includeLeft: false, releaseHeld: false, again: false, retryNow: false, ...options },
    settings: { parameters: { ...BUILT_IN_PARAMETERS, ...parameters }, times: TIMES, anySender: false },
  }).findings;
}

describe('the findings of a plan', () => {
  it('are none where Postfix will do nothing unexpected', () => {
    expect(find([{}, {}], { parameters: { always_bcc: 'archive@example.com' } })).toEqual([]);
  });

  it('name recipients that cleanup adds again, to what went through it before', () => {
    const circumstances = { options: { into: 'maildrop' }, parameters: { always_bcc: 'archive@example.com' } } as const;
    expect(find([{}, {}, { queue_name: 'maildrop' }], circumstances)).toEqual([
      {
        code: 'bcc-again',
        severity: 'warning',
        parameters: ['always_bcc'],
        messages: 2,
        bytes: 1400,
        examples: [
          { queue_name: 'deferred', queue_id: '4F1A20B' },
          { queue_name: 'deferred', queue_id: '4F1A21B' },
        ],
      },
    ]);
  });

  it('name a second filtering', () => {
    const circumstances = { options: { into: 'maildrop' }, parameters: { content_filter: 'scan:localhost' } } as const;
    expect(find([{}], circumstances)).toMatchObject([{ code: 'content-filter-again', messages: 1 }]);
  });

  it('name modes that Postfix did not give', () => {
    const modes = [0o700, 0o710, 0o744, 0o750, 0o777, 0o644, 0o600];
    expect(find(modes.map((mode) => ({ mode })))).toMatchObject([
      { code: 'forced-expiry', messages: 1 },
      { code: 'stray-group-execute', messages: 2, examples: [{ queue_id: '4F1A23B' }, { queue_id: '4F1A24B' }] },
      { code: 'mode-lost', messages: 2 },
    ]);
    expect(find([{ queue_name: 'corrupt', mode: 0o400 }], { options: { queues: new Set(['corrupt']) } })).toEqual([]);
  });

  it('name what was in maildrop and does not go on hold', () => {
    const submissions = [{ queue_name: 'maildrop' }, { queue_name: 'maildrop' }, { queue_name: 'hold' }] as const;
    expect(find(submissions, { options: { into: 'hold' } })).toMatchObject([
      { code: 'maildrop-left-off-hold', messages: 2 },
    ]);
    const queues = new Set(['maildrop', 'hold'] as const);
    expect(find(submissions, { options: { into: 'hold', queues } })).toMatchObject([
      { code: 'maildrop-not-on-hold', messages: 2 },
    ]);
    expect(find(submissions)).toEqual([]);
  });

  it('name what is too old for another try, and what must not be released as it is', () => {
    const messages = [OLD, { ...OLD, queue_name: 'hold' }, {}] as const;
    const lifetimes = { maximalQueueLifetime: '5d', bounceQueueLifetime: '5d', messages: 1 };
    const found = find(messages);
    expect(found).toMatchObject([
      { code: 'past-lifetime', ...lifetimes, examples: [{ queue_name: 'deferred' }] },
      { code: 'held-past-lifetime', ...lifetimes, examples: [{ queue_name: 'hold' }] },
    ]);
    expect(find(messages, { options: { into: 'hold' } })).toMatchObject([{ code: 'held-past-lifetime', messages: 2 }]);
    expect(find(messages, { options: { into: 'maildrop' } })).toMatchObject([{ code: 'held-past-lifetime' }]);
  });

  it.each([
    ['was requeued since', { ...OLD, create_time: NOW - DAY }, 0],
    ['was made when it arrived', OLD, 1],
    ['is a bounce, and older than those may get', { sender: 'MAILER-DAEMON', arrival_time: NOW - DAY }, 1],
    ['is a bounce, and young', { sender: 'MAILER-DAEMON', arrival_time: NOW - DAY + 1 }, 0],
    ['has just come to its end', { arrival_time: NOW - 5 * DAY }, 1],
    ['has a second left', { arrival_time: NOW - 5 * DAY + 1 }, 0],
  ])('judge as qmgr(8) does what %s', (_, message, count) => {
    expect(find([message]).filter(({ code }) => code === 'past-lifetime')).toHaveLength(count);
  });

  it('name what postsuper -e expired, and not its age as well', () => {
    const messages = [
      { ...OLD, mode: 0o710 },
      { ...OLD, mode: 0o710, queue_name: 'hold' },
    ] as const;
    expect(find(messages)).toMatchObject([{ code: 'forced-expiry' }, { code: 'held-forced-expiry' }]);
  });

  it('name next tries that lie far ahead, and the farthest, unless they come now', () => {
    const at = (seconds: number): { mtime: string } => ({ mtime: `${seconds}000000000` });
    const messages = [
      at(NOW + 4000),
      at(NOW + 10 * DAY),
      at(NOW + 30 * DAY),
      { ...at(NOW + DAY), queue_name: 'hold' as const },
    ];
    expect(find(messages)).toMatchObject([{ code: 'next-try-far-ahead', messages: 2, farthest: NOW + 30 * DAY }]);
    expect(find(messages, { options: { retryNow: true } })).toEqual([]);
  });

  it('are known of each message', () => {
    const lines = [messageLine(OLD), messageLine({ fingerprint: 'e'.repeat(64) })];
    const plan = createPlan({
      archive: { catalogue: () => lines, lost: [] },
      known: { find: () => undefined, restoredBefore: () => false, finishedNow: () => undefined },
      options: { into: 'queues', includeLeft: false, releaseHeld: false, again: false, retryNow: false },
      settings: { parameters: BUILT_IN_PARAMETERS, times: TIMES, anySender: false },
    });
    expect(lines.map((line) => plan.findingsOf(line.fingerprint))).toEqual([['past-lifetime'], []]);
  });

  it.each([
    ['3.7.11', ['requiretls-unknown', 'tls-required-no-unknown', 'smtputf8-forgotten']],
    ['3.10.13', ['requiretls-unknown']],
    ['3.11.6', []],
    ['3.12-20260821', []],
    // No Postfix is installed: nothing is known.
    ['', []],
  ])('name what Postfix %s forgets of messages that a newer one wrote', (mail_version, codes) => {
    const messages = [{ send_options: 1 }, { send_options: 3 }, { send_options: 16 }, { send_options: 33 }, {}];
    const found = find(messages, { options: { into: 'maildrop' }, parameters: { mail_version } });
    expect(found.map(({ code }) => code)).toEqual(codes);
    expect(found.map(({ messages: count }) => count)).toEqual([1, 1, 3].slice(0, codes.length));
  });

  it('do not name SMTPUTF8 where messages go back into the queues', () => {
    const parameters = { mail_version: '3.7.11' };
    expect(find([{ send_options: 1 }, { send_options: 32 }], { parameters })).toMatchObject([
      { code: 'requiretls-unknown', messages: 1, release: '3.7' },
    ]);
  });

  it('have a few examples, however many messages they are true of', () => {
    const many = Array.from({ length: 9 }, () => OLD);
    const [finding] = find(many);
    expect(finding?.messages).toBe(9);
    expect(finding?.examples).toHaveLength(5);
  });
});
