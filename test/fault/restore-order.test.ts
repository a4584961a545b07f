/**
 * The order of a restore is what it is for a reason. Here one rule after the other is undone, and the checks that find
 * nothing wrong with the order itself must find the promise that breaks.
 */

import { constants } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { nothingMore } from '../support/disk/crash-choice.ts';
import { attempt, callsOf, endings, interruptionsAt, type Trial } from './restore-trial.ts';
import { ARCHIVED } from './restore-world.ts';
import {
  logsDroppedEarly,
  messagesMovedAtOnce,
  readyBeforeUnlink,
  readyBitNotSynced,
  readyFromTheStart,
  stagedWithOldTime,
  timeWithReadyBit,
  type Weakening,
  withoutFsyncOf,
  withoutSyncs,
} from './weakened-order.ts';

/** One of each queue that Postfix takes mail from. */
const messages = ARCHIVED.filter(({ queueName, queueId }) => queueName !== 'hold' && queueId !== 'A00011F');
const HELD = ARCHIVED.filter(({ queueName }) => queueName === 'hold');

const EAGER = { kind: 'eager' } as const;
const SLOW = { kind: 'slow' } as const;
const NO_SYNCFS = { wholeSync: false } as const;

const isDirectory = (flags: number): boolean => (flags & constants.O_DIRECTORY) !== 0;
const isStateDirectory = (path: string): boolean => path === '/spool/postsnap';

interface Undone {
  readonly rule: string;
  readonly weaken: Weakening;
  readonly trial: Trial;
  readonly breaks: RegExp;
}

const WEAKENINGS: readonly Undone[] = [
  {
    rule: 'ready before the staged name is gone',
    weaken: readyBeforeUnlink,
    trial: { postfix: EAGER },
    breaks: /pickup deleted/,
  },
  { rule: 'ready before it is linked', weaken: readyFromTheStart, trial: { postfix: EAGER }, breaks: /pickup deleted/ },
  { rule: 'no sync of what is staged', weaken: withoutSyncs(1), trial: {}, breaks: /P2|P4|finished/ },
  { rule: 'no sync of the names', weaken: withoutSyncs(2), trial: {}, breaks: /P2/ },
  {
    rule: 'no sync of the staged names that are gone',
    weaken: withoutSyncs(3),
    trial: { postfix: EAGER },
    breaks: /pickup deleted|P3/,
  },
  { rule: 'done without a sync of the ready bits', weaken: withoutSyncs(4, 5), trial: {}, breaks: /P4/ },
  {
    rule: 'an old time with the ready bit',
    weaken: timeWithReadyBit,
    trial: { postfix: EAGER, messages: HELD },
    breaks: /P2/,
  },
  {
    rule: 'an old time while it is staged',
    weaken: stagedWithOldTime,
    trial: { postfix: { kind: 'once', index: 0 } },
    breaks: /P2|finished/,
  },
  { rule: 'staged logs dropped with the link', weaken: logsDroppedEarly, trial: {}, breaks: /P4|finished/ },
  { rule: 'staged messages dropped with the link', weaken: messagesMovedAtOnce, trial: {}, breaks: /P2/ },
  {
    rule: 'a journal that is not on disk when it gets its name',
    weaken: withoutFsyncOf((path) => path.endsWith('.draft')),
    trial: {},
    breaks: /damaged/,
  },
  { rule: 'a journal whose name is not on disk', weaken: withoutFsyncOf(isStateDirectory), trial: {}, breaks: /P2|P4/ },
  {
    rule: 'a state directory whose name is not on disk',
    weaken: withoutFsyncOf((path) => path === '/spool'),
    trial: NO_SYNCFS,
    breaks: /P2|P3/,
  },
  {
    rule: 'hash directories whose names are not on disk',
    weaken: withoutFsyncOf((path, flags) => isDirectory(flags) && path === '/spool/deferred'),
    trial: NO_SYNCFS,
    breaks: /P2/,
  },
  {
    rule: 'a ready bit that is synced by its name',
    weaken: readyBitNotSynced,
    trial: { ...NO_SYNCFS, postfix: SLOW },
    breaks: /P2|P4/,
  },
];

/** The first promise that is found broken. */
async function firstBroken(trial: Trial, expected: RegExp): Promise<string | undefined> {
  const calls = await callsOf(trial);
  const matching = async (one: Trial): Promise<string | undefined> =>
    (await attempt(one)).find((line) => expected.test(line));
  const undisturbed = await matching(trial);
  if (undisturbed !== undefined) {
    return undisturbed;
  }
  // Every fifth call first: what a crash undoes it undoes for a while.
  for (const call of [...calls.slice(-1), ...calls.toSorted((one, other) => (one.index % 5) - (other.index % 5))]) {
    const postfix = trial.postfix?.kind === 'once' ? { postfix: { kind: 'once', index: call.index } as const } : {};
    for (const interruption of postfix.postfix === undefined ? interruptionsAt(call, endings(1)) : [undefined]) {
      const interruptions = interruption === undefined ? [] : [interruption];
      const found = await matching({ ...trial, ...postfix, interruptions });
      if (found !== undefined) {
        return found;
      }
    }
  }
  return undefined;
}

describe('the order of a restore', () => {
  it.each(WEAKENINGS)('$rule breaks a promise', async ({ weaken, trial, breaks }) => {
    expect(await firstBroken({ messages, ...trial, weaken }, breaks)).toMatch(breaks);
  });

  it.each([
    ['kept', undefined],
    ['broken', withoutFsyncOf(isStateDirectory, 1)],
  ])(
    'is %s where a journal whose writer was killed is synced before it is believed, or not',
    async (outcome, weaken) => {
      const trial = { ...NO_SYNCFS, messages: HELD };
      const calls = await callsOf(trial);
      const named = calls.find(({ name }) => name === 'rename');
      const broken: string[] = [];
      for (const { index } of calls) {
        const interruptions = [
          { index: named?.index ?? 0, moment: 'after', how: 'kill' },
          { index, moment: 'after', how: nothingMore },
        ] as const;
        broken.push(...(await attempt({ ...trial, interruptions, ...(weaken === undefined ? {} : { weaken }) })));
      }
      expect(broken.length === 0 ? 'kept' : 'broken').toBe(outcome);
    },
  );
});
