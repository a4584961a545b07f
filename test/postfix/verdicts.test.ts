import { expect, it, vi } from 'vitest';
import { describeWithPostfix } from '../support/postfix/requirements.ts';
import { type Disagreement, disagreements } from '../support/postfix/verdict.ts';
import { isPostfixBefore } from '../support/postfix/version.ts';
import { queueFileFixture, readFixture } from '../support/queue/queue-file-fixtures.ts';
import { flipsOf, mutationsOf } from './mutations.ts';
import type { Trial } from './trials.ts';

vi.setConfig({ testTimeout: 500_000 });

function trialOf(name: string): Trial {
  return { name, bytes: readFixture(queueFileFixture(name).queue_file.file) };
}

function broken(mutated: readonly string[], flipped: readonly string[]): Trial[] {
  return [
    ...mutated.map(trialOf).flatMap((trial) => [trial, ...mutationsOf(trial.name, trial.bytes)]),
    ...flipped.map(trialOf).flatMap((trial) => flipsOf(trial, { count: 100, seed: 20_260_101 })),
  ];
}

/** Where postsnap is stricter than the Postfix that the tests run with, and why. */
const STRICTER: readonly ((disagreement: Disagreement) => boolean)[] = [
  // postdrop(1) of 2026 takes no such record; before that, it went into logs and headers as it was.
  ({ postsnap }) => postsnap.join() === 'line-break',
  // qmgr(8) reads no further, finds nobody to deliver to, and removes the message: it would be lost.
  ({ name, postsnap }) => / (as|behind) an end$/.test(name) && postsnap.join() === 'unexpected-type',
  // qmgr(8) finds the message by the size record alone; pickup(8) needs the record that the message starts with.
  ({ name, postsnap }) => / \(M\) as a (sender|recipient)$/.test(name) && postsnap.join() === 'unexpected-type',
];

/**
 * Before Postfix 3.7, qmgr(8) skips the message by its size record, wherever that leads, and passes over records that have no
 * place in an envelope (qmgr_message.c, HISTORY 20211110; record.c for the length): it removes such mail, sent or not.
 */
const UNSEEN_BEFORE_3_7: ReadonlySet<string> = new Set([
  'overlong-length',
  'unexpected-type',
  'wrong-data-offset',
  'wrong-data-size',
]);

function isSeenByQueueManager({ postsnap }: Disagreement): boolean {
  return !isPostfixBefore(3, 7) || !postsnap.every((fault) => UNSEEN_BEFORE_3_7.has(fault));
}

function unexplained(found: readonly Disagreement[]): Disagreement[] {
  return found.filter(
    (disagreement) => disagreement.postfix?.isTaken !== true || !STRICTER.some((explains) => explains(disagreement)),
  );
}

// Some thousand broken files: each goes through the real pickup, cleanup and queue manager, to a server that takes all.
describeWithPostfix('what postsnap would leave out, and nothing else, is refused by', () => {
  it('pickup', async () => {
    const trials = broken(['maildrop-dsn', 'extracted-recipients'], ['requeued', 'milter-all']);
    expect(trials.length).toBeGreaterThan(1000);
    expect(unexplained(await disagreements(trials, 'pickup'))).toEqual([]);
  });

  it('the queue manager', async () => {
    const trials = broken(['plain', 'partly-done'], ['dsn', 'milter-all']);
    expect(trials.length).toBeGreaterThan(1000);
    const found = await disagreements(trials, 'qmgr');
    expect(unexplained(found).filter(isSeenByQueueManager)).toEqual([]);
  });
});
