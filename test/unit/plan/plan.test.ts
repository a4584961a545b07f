import { describe, expect, it } from 'vitest';
import type { CatalogueLine, LogLine } from '../../../src/format/catalogue-line.ts';
import { type Plan, type PlanBasis, PlanWalk } from '../../../src/plan/plan.ts';
import { BUILT_IN_PARAMETERS } from '../../../src/postfix/parameters.ts';
import { messageLine } from '../../support/archive/catalogue-message.ts';

const TIMES = { now: 1_700_000_000, lifetime: 432_000, bounceLifetime: 432_000, backoff: 4000 };
const EMPTY = { find: () => undefined, restoredBefore: () => undefined, finishedNow: () => undefined };

function planOf(
  lines: readonly CatalogueLine[],
  { options, lost = [] }: { options?: Partial<PlanBasis['options']>; lost?: PlanBasis['archive']['lost'] } = {},
): Plan {
  return new PlanWalk({
    archive: { catalogue: () => lines, lost },
    known: EMPTY,
    options: { into: 'queues', includeLeft: false, releaseHeld: false, again: false, retryNow: false, ...options },
    settings: { parameters: BUILT_IN_PARAMETERS, times: TIMES, anySender: false },
  }).finish();
}

function logLine(queue_id: string, file_size: number): LogLine {
  const { frame, sha256, mode, uid, mtime } = messageLine();
  return { kind: 'log', queue_name: 'defer', queue_id, file_size, frame, sha256, mode, uid, mtime };
}

const fingerprint = (digit: string): { fingerprint: string } => ({ fingerprint: digit.repeat(64) });

const LINES = [
  messageLine({ ...fingerprint('1'), file_size: 5000 }),
  logLine('4F1A21B', 100),
  messageLine({ ...fingerprint('2'), queue_name: 'hold', queue_id: '4F1A21C', logs: [], arrival_time: 5 }),
  messageLine({ ...fingerprint('3'), queue_id: '4F1A21D', state: 'left' }),
  logLine('4F1A21D', 100),
];

describe('the outlook of a plan', () => {
  it('adds up what will be written, in whole blocks, with the logs of what is restored', () => {
    const { outlook } = planOf(LINES);
    expect(outlook).toMatchObject({ messages: 2, files: 3, bytes: 8192 + 4096 + 4096 });
    expect(outlook.queues).toEqual(
      new Map([
        ['deferred', 1],
        ['defer', 1],
        ['hold', 1],
      ]),
    );
  });

  it.each([
    [0, 0],
    [1, 4096],
    [4096, 4096],
    [4097, 8192],
  ])('takes %d bytes for %d on disk', (file_size, bytes) => {
    expect(planOf([messageLine({ file_size })]).outlook.bytes).toBe(bytes);
  });

  it('leaves out the logs of what goes through cleanup again', () => {
    expect(planOf(LINES, { options: { into: 'maildrop' } }).outlook).toMatchObject({ messages: 2, files: 2 });
  });
});

describe('the decisions of a plan', () => {
  it('are the same each time', () => {
    const plan = planOf([...LINES, messageLine(fingerprint('1'))]);
    const first = [...plan.decisions()];
    expect(first.map(({ kind }) => kind)).toEqual(['restore', 'restore', 'omit', 'omit']);
    expect([...plan.decisions()]).toEqual(first);
    const decider = plan.decider();
    const decisions = LINES.filter((line) => line.kind === 'message').map((line) => decider.decide(line));
    expect(decisions).toEqual(first.slice(0, 3));
  });

  it('restore of what left the source only what did not go on under another ID', () => {
    const left = messageLine({ ...fingerprint('1'), queue_name: 'maildrop', state: 'left' });
    const successor = messageLine({ ...fingerprint('2'), queue_name: 'incoming' });
    const lines = [left, { ...left, ...fingerprint('3'), submission: 'd'.repeat(64) }, successor];
    const kinds = [...planOf(lines, { options: { includeLeft: true } }).decisions()];
    expect(kinds[0]).toMatchObject({ action: 'left', reason: { code: 'successor-in-archive' } });
    expect(kinds.slice(1)).toMatchObject([{ kind: 'restore' }, { kind: 'restore' }]);
  });

  it('count what is in the archive, also what is lost', () => {
    expect(planOf(LINES, { lost: [messageLine(fingerprint('8'))] }).archived).toBe(4);
  });

  it('name what is lost as damaged, unless it would be left out anyway', () => {
    const lost = [messageLine(fingerprint('8')), messageLine({ ...fingerprint('9'), queue_name: 'saved' })];
    expect(planOf(LINES, { lost }).lost()).toMatchObject([
      { action: 'damaged', reason: { code: 'content-lost' } },
      { action: 'not_selected', reason: { code: 'restored-only-when-named', queue: 'saved' } },
    ]);
  });
});

describe('the walk that makes a plan', () => {
  it('is the same for who walks the archive by himself', () => {
    const basis: PlanBasis = {
      archive: {
        catalogue: () => {
          throw new Error('the catalogue is read twice');
        },
        lost: [],
      },
      known: EMPTY,
      options: { into: 'queues', includeLeft: false, releaseHeld: false, again: false, retryNow: false },
      settings: { parameters: BUILT_IN_PARAMETERS, times: TIMES, anySender: false },
    };
    const walk = new PlanWalk(basis);
    const taken = LINES.map((line) => walk.take(line));
    const whole = new PlanWalk({ ...basis, archive: { catalogue: () => LINES, lost: [] } }).finish();
    expect(taken.filter((decision) => decision !== undefined)).toEqual([...whole.decisions()]);
    const { outlook, findings, archived, recipientsDone } = walk.taken();
    expect({ outlook, findings, archived, recipientsDone }).toEqual({
      outlook: whole.outlook,
      findings: whole.findings,
      archived: whole.archived,
      recipientsDone: whole.recipientsDone,
    });
  });

  it('reads the catalogue once, gives the decisions on the way, and what was found of each', () => {
    let readings = 0;
    const catalogue = (): readonly CatalogueLine[] => {
      readings += 1;
      return LINES;
    };
    const walk = new PlanWalk({
      archive: { catalogue, lost: [] },
      known: EMPTY,
      options: { into: 'queues', includeLeft: false, releaseHeld: false, again: false, retryNow: false },
      settings: { parameters: BUILT_IN_PARAMETERS, times: TIMES, anySender: false },
    });
    const told = [...walk.decisions()].map((decision) => [decision, walk.findingsOf(decision.message.fingerprint)]);
    const plan = walk.finish();
    expect(readings).toBe(1);
    expect(plan).toMatchObject({ archived: 3, outlook: { messages: 2, files: 3 } });
    expect(told).toEqual([...plan.decisions()].map((each) => [each, plan.findingsOf(each.message.fingerprint)]));
    expect(plan.findings.map(({ code }) => code)).toContain('held-past-lifetime');
  });
});
