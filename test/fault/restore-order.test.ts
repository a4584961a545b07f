/**
 * The order of a restore is what it is for a reason. Here one rule after the other is undone, and the checks that find
 * nothing wrong with the order itself must find the promise that breaks.
 */

import { constants } from 'node:fs';
import { describe, expect, it } from 'vitest';
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
const NO_SYNCFS = { wholeSync: false } as const;

const isDirectory = (flags: number): boolean => (flags & constants.O_DIRECTORY) !== 0;
const isStateDirectory = (path: string): boolean => path === '/spool/postsnap';

const WEAKENINGS: readonly [string, Weakening, Trial, RegExp][] = [
  ['ready before the staged name is gone', readyBeforeUnlink, { postfix: EAGER }, /pickup deleted/],
  ['ready before it is linked', readyFromTheStart, { postfix: EAGER }, /pickup deleted/],
  ['no sync of what is staged', withoutSyncs(1), {}, /P2|P4|finished/],
  ['no sync of the names', withoutSyncs(2), {}, /P2/],
  ['no sync of the staged names that are gone', withoutSyncs(3), { postfix: EAGER }, /pickup deleted|P3/],
  ['done without a sync of the ready bits', withoutSyncs(4, 5), {}, /P4/],
  ['an old time with the ready bit', timeWithReadyBit, { postfix: EAGER, messages: HELD }, /P2/],
  ['an old time while it is staged', stagedWithOldTime, { postfix: { kind: 'once', index: 0 } }, /P2|finished/],
  ['staged logs dropped with the link', logsDroppedEarly, {}, /P4|finished/],
  ['staged messages dropped with the link', messagesMovedAtOnce, {}, /P2/],
  [
    'a journal that is not on disk when it gets its name',
    withoutFsyncOf((path) => path.endsWith('.draft')),
    {},
    /damaged/,
  ],
  ['a journal whose name is not on disk', withoutFsyncOf(isStateDirectory), {}, /P2|P4/],
  ['a state directory whose name is not on disk', withoutFsyncOf((path) => path === '/spool'), NO_SYNCFS, /P2|P3/],
  [
    'hash directories whose names are not on disk',
    withoutFsyncOf((path, flags) => isDirectory(flags) && path === '/spool/deferred'),
    NO_SYNCFS,
    /P2/,
  ],
  ['a ready bit that is synced by its name', readyBitNotSynced, { ...NO_SYNCFS, postfix: EAGER }, /P2|P4/],
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
  it.each(WEAKENINGS)('%s breaks a promise', async (_title, weaken, trial, expected) => {
    expect(await firstBroken({ messages, ...trial, weaken }, expected)).toMatch(expected);
  });
});
