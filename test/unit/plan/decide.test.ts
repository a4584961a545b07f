import { describe, expect, it } from 'vitest';
import { decideOne, type Knowledge, type PlanOptions } from '../../../src/plan/decide.ts';
import type { Decision } from '../../../src/plan/decision.ts';
import { compileSelection } from '../../../src/plan/selection.ts';
import { messageLine } from '../../support/archive/catalogue-message.ts';

const EMPTY: Knowledge = {
  find: () => undefined,
  restoredBefore: () => undefined,
  finishedNow: () => undefined,
  wentOn: () => false,
};
const EARLIER = { archive: '/backup/monday.postsnap', started: '2026-11-23T03:15:00.000Z' };
const DEFAULTS: PlanOptions = { into: 'queues', includeLeft: false, releaseHeld: false, again: false, retryNow: false };

function plan(
  changes: Parameters<typeof messageLine>[0],
  options: Partial<PlanOptions> = {},
  target: Partial<Knowledge> = {},
): Decision {
  return decideOne(messageLine(changes), { ...DEFAULTS, ...options }, { ...EMPTY, ...target });
}

function destination(decision: Decision): string {
  return decision.kind === 'restore' ? decision.destination : decision.action;
}

describe('decideOne: what is asked for', () => {
  it('leaves out what does not fit, and says by which criterion', async () => {
    const selection = await compileSelection(
      { only: { senders: ['@example.com'] }, exclude: { ids: ['ABCDE12345'] } },
      1_700_000_000,
    );
    expect(plan({ sender: 'a@example.com' }, { selection }).kind).toBe('restore');
    expect(plan({ sender: 'a@example.org' }, { selection })).toMatchObject({
      action: 'not_selected',
      reason: { code: 'criterion-not-met', criterion: 'senders' },
    });
    expect(plan({ queue_id: 'ABCDE12345' }, { selection })).toMatchObject({
      action: 'not_selected',
      reason: { code: 'excluded', criterion: 'ids' },
    });
  });
});

describe('decideOne: where a message goes', () => {
  it.each([
    ['maildrop', 'queues', 'maildrop'],
    ['incoming', 'queues', 'incoming'],
    ['active', 'queues', 'incoming'],
    ['deferred', 'queues', 'deferred'],
    ['hold', 'queues', 'hold'],
    ['corrupt', 'queues', 'not_selected'],
    ['saved', 'queues', 'not_selected'],
    ['maildrop', 'maildrop', 'maildrop'],
    ['incoming', 'maildrop', 'maildrop'],
    ['active', 'maildrop', 'maildrop'],
    ['deferred', 'maildrop', 'maildrop'],
    ['hold', 'maildrop', 'hold'],
    ['maildrop', 'hold', 'not_selected'],
    ['incoming', 'hold', 'hold'],
    ['deferred', 'hold', 'hold'],
    ['hold', 'hold', 'hold'],
  ] as const)('from %s into %s: %s', (queue_name, into, expected) => {
    expect(destination(plan({ queue_name }, { into }))).toBe(expected);
  });

  it('restores corrupt and saved only when they are named', () => {
    expect(destination(plan({ queue_name: 'corrupt' }, { queues: new Set(['corrupt']) }))).toBe('corrupt');
    expect(destination(plan({ queue_name: 'saved' }, { queues: new Set(['saved']) }))).toBe('saved');
    expect(destination(plan({ queue_name: 'deferred' }, { queues: new Set(['saved']) }))).toBe('not_selected');
  });

  it('puts unchecked mail into maildrop, never on hold, also when it is named', () => {
    const decision = plan({ queue_name: 'maildrop' }, { into: 'hold', queues: new Set(['maildrop']) });
    expect(destination(decision)).toBe('maildrop');
  });

  it('releases held mail only when asked', () => {
    expect(destination(plan({ queue_name: 'hold' }, { into: 'maildrop', releaseHeld: true }))).toBe('maildrop');
  });

  it.each([['deferred'], ['incoming']] as const)(
    'keeps a message of %s with a pending notice off maildrop',
    (queue_name) => {
      expect(destination(plan({ queue_name, pending: true }, { into: 'maildrop' }))).toBe(queue_name);
    },
  );
});

describe('decideOne: what a restored file is', () => {
  function planned(...parameters: Parameters<typeof plan>): Extract<Decision, { kind: 'restore' }> {
    const decision = plan(...parameters);
    if (decision.kind !== 'restore') {
      throw new Error(`not restored: ${decision.action}`);
    }
    return decision;
  }

  it('keeps forced expiry, time and logs in the queues', () => {
    expect(planned({ mode: 0o710 })).toMatchObject({ mode: 0o710, keepsTime: true, withLogs: true });
  });

  it('has tried at once what waits, when asked, and leaves alone what nobody tries', () => {
    expect(planned({}, { retryNow: true }).keepsTime).toBe(false);
    expect(planned({ queue_name: 'maildrop', mode: 0o744 }, { retryNow: true }).keepsTime).toBe(true);
    expect(planned({ queue_name: 'saved' }, { retryNow: true, queues: new Set(['saved']) }).keepsTime).toBe(true);
  });

  it('drops what chmod -R 777 left', () => {
    expect(planned({ mode: 0o777 }).mode).toBe(0o700);
    expect(planned({ mode: 0o710 }).mode).toBe(0o710);
  });

  it('makes a message in maildrop look requeued: mode 0700, the time now, no logs', () => {
    const file = planned({ mode: 0o714 }, { into: 'maildrop' });
    expect(file).toMatchObject({ mode: 0o700, keepsTime: false, withLogs: false, genuine: false });
  });

  it('keeps a genuine submission genuine', () => {
    expect(planned({ queue_name: 'maildrop', mode: 0o744 })).toMatchObject({ mode: 0o744, genuine: true });
  });

  it('keeps a requeued message requeued', () => {
    expect(planned({ queue_name: 'maildrop', mode: 0o700 })).toMatchObject({
      mode: 0o700,
      keepsTime: true,
      genuine: false,
    });
  });

  it('leaves out the logs that postsuper -r left behind', () => {
    expect(planned({ queue_name: 'maildrop', mode: 0o700 }).withLogs).toBe(false);
  });

  it('keeps the mark of a corrupt file', () => {
    expect(planned({ queue_name: 'corrupt', mode: 0o400 }, { queues: new Set(['corrupt']) }).mode).toBe(0o400);
  });
});

describe('decideOne: what is left out, and why', () => {
  const place = { queueName: 'hold', queueId: '4F1A299' } as const;

  it('leaves out what left the source queue, unless asked', () => {
    expect(destination(plan({ state: 'left' }))).toBe('left');
    expect(destination(plan({ state: 'left' }, { includeLeft: true }))).toBe('deferred');
  });

  it('leaves out what stands in the target, also with --again', () => {
    const decision = plan({}, { again: true }, { find: () => place });
    expect(decision).toMatchObject({ kind: 'omit', action: 'already_present', place });
  });

  it('leaves out what a journal names, unless --again', () => {
    expect(destination(plan({}, {}, { restoredBefore: () => EARLIER }))).toBe('already_restored');
    expect(destination(plan({}, { again: true }, { restoredBefore: () => EARLIER }))).toBe('deferred');
  });

  it('takes a message that was requeued since for the one that the target has under its new ID', () => {
    const evidence = () => ({ kind: 'going-on', done: [], queueId: 'ABCDE12345' }) as const;
    const findRequeued = (...[, queueId]: readonly [unknown, string]) => ({ ...place, queueId });
    expect(plan({}, {}, { evidence, findRequeued })).toMatchObject({
      action: 'already_present',
      reason: { code: 'requeued-in-target' },
      place: { queueId: 'ABCDE12345' },
    });
    expect(plan({}, {}, { evidence, findRequeued: () => undefined })).toMatchObject({ kind: 'restore' });
  });

  it('counts what this run finished for an interrupted one as restored, also with --again', () => {
    const decision = plan({}, { again: true }, { finishedNow: () => place, restoredBefore: () => EARLIER });
    expect(decision).toMatchObject({ kind: 'omit', action: 'restored', place });
  });

  it('names what Postfix would choke on, but keeps it as evidence', () => {
    const malformed = ['no end record'];
    expect(plan({ malformed })).toMatchObject({
      action: 'failed',
      reason: { code: 'malformed-records', faults: ['no end record'] },
    });
    const evidence = plan({ queue_name: 'corrupt', malformed }, { queues: new Set(['corrupt']) });
    expect(destination(evidence)).toBe('corrupt');
  });
});
