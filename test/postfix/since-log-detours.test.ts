/**
 * The mail log of messages that went on as others: through content filters that give them back by SMTP and by sendmail(1),
 * through virtual aliases, and through local aliases of addresses, mailboxes and commands.
 */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PostfixInstance } from '../support/postfix/instance.ts';
import { describeWithPostfix } from '../support/postfix/requirements.ts';
import type { SmtpSink } from '../support/postfix/sink.ts';
import { backUp, restoreInto } from '../support/postfix/snapshot-of.ts';
import { emptied } from '../support/postfix/target.ts';
import { type Detours, LETTERS, type Letter, makeDetours } from './detours.ts';

/** What goes on as other mail does so behind the snapshot. */
const DEFERRED = { defer_transports: 'local, scan, filter' };

/** How often the first reader, the second one and the sender have got a message. */
type Counts = readonly [number, number, number];

function expectedOf({ fate }: Letter): Counts {
  return fate === 'returned' ? [0, 1, 1] : [1, 1, 0];
}

describeWithPostfix('a restore by the log, of mail that went on as other mail', () => {
  describe.each(['no', 'yes'] as const)('enable_long_queue_ids = %s', (long) => {
    const directory = mkdtempSync(join(tmpdir(), 'postsnap-since-'));
    const archive = join(directory, 'queue.postsnap');
    const log = join(directory, 'mail.log');
    const ids = { enable_long_queue_ids: long };
    let detours: Detours;
    let before: readonly Counts[];

    beforeAll(async () => {
      detours = await makeDetours();
      const source = await detours.makeInstance({ ...ids, ...DEFERRED });
      try {
        await liveOn(source, detours, archive);
        writeFileSync(log, source.log());
      } finally {
        await source.dispose();
      }
      before = counted();
    }, 300_000);

    afterAll(async () => {
      await detours.close();
      rmSync(directory, { recursive: true });
    });

    function counted(): Counts[] {
      return LETTERS.map((letter) => {
        const [first, second] = letter.way.readers(letter.id);
        return [detours.count(letter, first), detours.count(letter, second), detours.count(letter, letter.sender)];
      });
    }

    /** Restores into an empty queue, and lets all be delivered; returns how often a message was got before and after. */
    async function restoreAndDeliver(sinceLog: string): Promise<Map<Letter, Counts>> {
      const { sink, makeInstance, giveBackPiped } = detours;
      sink.defaultAnswer = '250';
      for (const letter of LETTERS) {
        open(sink, letter);
      }
      const earlier = counted();
      const target = await makeInstance(ids);
      try {
        await restoreInto(target, { archive, sinceLog: [sinceLog] });
        await target.start();
        await emptied(target);
        while (await giveBackPiped(target)) {
          await emptied(target);
        }
      } finally {
        await target.dispose();
      }
      const added = (at: number, column: number, later: Counts): number =>
        (before[at]?.[column] ?? 0) + (later[column] ?? 0) - (earlier[at]?.[column] ?? 0);
      const counts = counted().map(
        (later, at): Counts => [added(at, 0, later), added(at, 1, later), added(at, 2, later)],
      );
      return new Map(LETTERS.flatMap((letter, at) => (counts[at] === undefined ? [] : [[letter, counts[at]]])));
    }

    it('nobody gets a message twice, and nobody misses one', async () => {
      for (const [letter, counts] of await restoreAndDeliver(log)) {
        const { way, fate } = letter;
        if (way.isOne === true && ['partly', 'waiting'].includes(fate)) {
          // What one recipient stands for is not in the message: as long as one of them waits, it goes to all once more.
          expectMissed(letter, counts);
        } else {
          expect.soft([way.name, fate, ...counts]).toEqual([way.name, fate, ...expectedOf(letter)]);
        }
      }
    }, 300_000);

    it.each([
      ['without its second half', (lines: readonly string[]) => lines.slice(0, lines.length / 2)],
      [
        'without a part of its middle',
        (lines: readonly string[]) => lines.filter((_, at) => at < lines.length * 0.6 || at > lines.length * 0.8),
      ],
      [
        'without its lines of local(8)',
        (lines: readonly string[]) => lines.filter((line) => !line.includes('/local[')),
      ],
      ['without each third line', (lines: readonly string[]) => lines.filter((_, at) => at % 3 !== 0)],
      ['without each second line', (lines: readonly string[]) => lines.filter((_, at) => at % 2 !== 0)],
    ])(
      '%s nobody misses a message',
      async (_, cut) => {
        const part = join(directory, 'part.log');
        writeFileSync(part, `${cut(readFileSync(log, 'utf8').split('\n')).join('\n')}\n`);
        for (const [letter, counts] of await restoreAndDeliver(part)) {
          expectMissed(letter, counts);
        }
      },
      300_000,
    );
  });
});

/** Expects that nobody has missed it. */
function expectMissed(letter: Letter, counts: Counts): void {
  const { way, fate } = letter;
  const missed = expectedOf(letter).map((wanted, at) => wanted > (counts[at] ?? 0));
  expect.soft([way.name, fate, ...missed]).toEqual([way.name, fate, false, false, false]);
}

/** The sink takes it, or returns it. */
function open(sink: SmtpSink, { id, sender, way, fate }: Letter): void {
  const [reader] = way.readers(id);
  sink.setAnswer(reader, fate === 'returned' ? '550' : '250');
  sink.setAnswer(sender, '250');
}

/** A snapshot of deferred mail, and what Postfix does with it after that. */
async function liveOn(source: PostfixInstance, detours: Detours, archive: string): Promise<void> {
  const { sink, submit, giveBackPiped } = detours;
  await source.start();
  for (const letter of LETTERS) {
    await submit(letter);
  }
  await source.waitFor(() => isAtRest(source), 'all mail to be deferred');
  await backUp(source, archive);
  for (const letter of LETTERS.filter(({ fate }) => fate !== 'untouched' && fate !== 'waiting')) {
    open(sink, letter);
    if (letter.fate !== 'partly') {
      sink.setAnswer(letter.way.readers(letter.id)[1], '250');
    }
  }
  const untouched = (await source.postqueue()).filter(({ sender }) =>
    LETTERS.some((letter) => letter.fate === 'untouched' && letter.sender === sender),
  );
  await source.postsuper(...untouched.flatMap(({ queue_id }) => ['-h', queue_id]));
  await source.stop();
  source.setParameter('defer_transports', '');
  await source.start();
  // What a filter gives back is tried later than the rest.
  for (let round = 0; round < 3; round += 1) {
    await source.flush();
    await setTimeout(1500);
    await giveBackPiped(source);
    await source.waitFor(() => isAtRest(source), 'the attempts to end');
  }
  await source.stop();
}

function isAtRest(source: PostfixInstance): boolean {
  return source.queueFiles().every(({ queueName }) => !['maildrop', 'incoming', 'active'].includes(queueName));
}
