import { describe, expect, it } from 'vitest';
import type { LogLine } from '../../../src/format/catalogue-line.ts';
import { createDecider } from '../../../src/restore/decide.ts';
import { lookAhead } from '../../../src/restore/outlook.ts';
import type { PlanOptions } from '../../../src/restore/plan.ts';
import { messageLine } from '../../support/archive/catalogue-message.ts';

const EMPTY = { find: () => undefined, restoredBefore: () => false, finishedNow: () => undefined };
const OPTIONS: PlanOptions = { into: 'queues', includeLeft: false, releaseHeld: false, again: false };
const REST = { into: 'queues', areQueuesNamed: false, expiredBefore: 0 } as const;

function logLine(queue_id: string, file_size: number): LogLine {
  const { frame, sha256, mode, uid, mtime } = messageLine();
  return { kind: 'log', queue_name: 'defer', queue_id, file_size, frame, sha256, mode, uid, mtime };
}

const fingerprint = (digit: string): { fingerprint: string } => ({ fingerprint: digit.repeat(64) });

describe('lookAhead', () => {
  const lines = [
    messageLine({ ...fingerprint('1'), file_size: 5000 }),
    logLine('4F1A21B', 100),
    messageLine({ ...fingerprint('2'), queue_name: 'hold', queue_id: '4F1A21C', logs: [], arrival_time: 5 }),
    messageLine({ ...fingerprint('3'), queue_id: '4F1A21D', state: 'left' }),
    logLine('4F1A21D', 100),
  ];

  it('adds up what will be written, in whole blocks, with the logs of what is restored', () => {
    const outlook = lookAhead(lines, { decide: createDecider(OPTIONS, EMPTY), ...REST });
    expect(outlook).toMatchObject({ messages: 2, files: 3, bytes: 8192 + 4096 + 4096, throughMaildrop: 0 });
    expect([...outlook.queues].sort()).toEqual(['defer', 'deferred', 'hold']);
  });

  it('counts what goes through cleanup again, and leaves its logs out', () => {
    const decide = createDecider({ ...OPTIONS, into: 'maildrop' }, EMPTY);
    const outlook = lookAhead(lines, { decide, ...REST });
    expect(outlook).toMatchObject({ messages: 2, files: 2, throughMaildrop: 1 });
  });

  it('counts what was in maildrop and does not go on hold', () => {
    const submissions = ['4', '5'].map((digit) => messageLine({ ...fingerprint(digit), queue_name: 'maildrop' }));
    const all = [...lines, ...submissions];
    const into = 'hold';
    const decide = createDecider({ ...OPTIONS, into }, EMPTY);
    expect(lookAhead(all, { decide, ...REST, into })).toMatchObject({ leftOffHold: 2, pickedUpInstead: 0 });
    const queues = new Set(['maildrop', 'hold'] as const);
    const named = { decide: createDecider({ ...OPTIONS, into, queues }, EMPTY), into, areQueuesNamed: true } as const;
    expect(lookAhead(all, { ...REST, ...named })).toMatchObject({ leftOffHold: 0, pickedUpInstead: 2 });
    expect(lookAhead(all, { decide: createDecider(OPTIONS, EMPTY), ...REST })).toMatchObject({
      leftOffHold: 0,
      pickedUpInstead: 0,
    });
  });

  it('counts what is too old for another try, but not what is on hold', () => {
    const decide = createDecider(OPTIONS, EMPTY);
    expect(lookAhead(lines, { decide, ...REST, expiredBefore: 1_800_000_000 }).expired).toBe(1);
  });
});

describe('createDecider', () => {
  it('restores a message once that the archive holds twice, and names the other', () => {
    const decide = createDecider(OPTIONS, EMPTY);
    expect(decide(messageLine())).toMatchObject({ kind: 'restore' });
    expect(decide(messageLine({ queue_name: 'hold' }))).toMatchObject({ kind: 'omit', action: 'already_present' });
  });
});
