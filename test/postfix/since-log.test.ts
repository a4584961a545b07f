/**
 * A queue is lost after its snapshot, when Postfix has gone on: it delivered, returned, deferred, held and requeued. With
 * its log nobody gets a message twice, and nobody misses one; with a part of the log nobody misses one.
 */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createInstance, type PostfixInstance } from '../support/postfix/instance.ts';
import { describeWithPostfix } from '../support/postfix/requirements.ts';
import { type SmtpSink, startSink } from '../support/postfix/sink.ts';
import { backUp, restoreInto } from '../support/postfix/snapshot-of.ts';
import { emptied } from '../support/postfix/target.ts';

/** More by POSTSNAP_LOG_MESSAGES. */
const MESSAGES = Number(process.env['POSTSNAP_LOG_MESSAGES'] ?? '140');
const NUMBERS = Array.from({ length: MESSAGES }, (_, number) => number);

/** What Postfix does to a message behind the snapshot, by its number. */
const FATES = ['delivered', 'partly', 'returned', 'waiting', 'requeued', 'requeued, delivered', 'deleted'] as const;
type Fate = (typeof FATES)[number];

function fateOf(number: number): Fate {
  return FATES[number % FATES.length] ?? 'waiting';
}

function having(...fates: readonly Fate[]): number[] {
  return NUMBERS.filter((number) => fates.includes(fateOf(number)));
}

const [first, second, sender] = ['a', 'b', 's'].map(
  (letter) => (number: number) => `${letter}${number}@example.org`,
) as [(number: number) => string, (number: number) => string, (number: number) => string];

describeWithPostfix('the mail log', () => {
  describe.each(['no', 'yes'] as const)('a restore by the log, enable_long_queue_ids = %s', (long) => {
    const directory = mkdtempSync(join(tmpdir(), 'postsnap-since-'));
    const archive = join(directory, 'queue.postsnap');
    const log = join(directory, 'mail.log');
    let before: SmtpSink;

    beforeAll(async () => {
      const source = await createInstance({ parameters: { enable_long_queue_ids: long, in_flow_delay: '0' } });
      before = await startSink({ port: source.relayPort, defaultAnswer: '450' });
      try {
        await liveOn(source, before, archive);
        writeFileSync(log, source.log());
      } finally {
        await source.dispose();
        await before.close();
      }
    }, 600_000);

    afterAll(() => {
      rmSync(directory, { recursive: true });
    });

    it('nobody gets a message twice, and nobody misses one', async () => {
      const { counts, report } = await restoreAndDeliver({ archive, before, log: [log], long });
      const gone = having('delivered', 'returned', 'requeued, delivered', 'deleted').length;
      expect(report).toMatchObject({ delivered_since: gone, restored: MESSAGES - gone, failed: 0 });
      expect(report.recipients_done).toBe(having('partly', 'requeued').length);
      expect(report.findings.map(({ code }) => code)).toEqual(['delivered-in-part']);
      expect(report.log).toMatchObject({ gaps: [] });
      for (const number of NUMBERS) {
        const expected: Record<Fate, readonly number[]> = {
          delivered: [1, 1, 0],
          partly: [1, 1, 0],
          returned: [0, 1, 1],
          waiting: [1, 1, 0],
          requeued: [1, 1, 0],
          'requeued, delivered': [1, 1, 0],
          deleted: [0, 0, 0],
        };
        expect([number, counts(first(number)), counts(second(number)), counts(sender(number))]).toEqual([
          number,
          ...expected[fateOf(number)],
        ]);
      }
    }, 600_000);

    it.each([
      ['without its second half', (lines: readonly string[]) => lines.slice(0, lines.length / 2)],
      [
        'without a part of its middle',
        (lines: readonly string[]) => lines.filter((_, at) => at < lines.length * 0.6 || at > lines.length * 0.8),
      ],
      ['without every third line', (lines: readonly string[]) => lines.filter((_, at) => at % 3 !== 0)],
    ])(
      '%s nobody misses a message',
      async (_, cut) => {
        const part = join(directory, 'part.log');
        const lines = readFileSync(log, 'utf8').split('\n');
        writeFileSync(part, `${cut(lines).join('\n')}\n`);
        const { counts } = await restoreAndDeliver({ archive, before, log: [part], long });
        for (const number of NUMBERS.filter((one) => fateOf(one) !== 'deleted')) {
          const [one, two] =
            fateOf(number) === 'returned' ? [sender(number), second(number)] : [first(number), second(number)];
          expect([number, counts(one) > 0, counts(two) > 0]).toEqual([number, true, true]);
        }
      },
      600_000,
    );

    it('packed and in parts, in whatever order, the log tells the same', async () => {
      const lines = readFileSync(log, 'utf8').split('\n');
      // Stamps have whole seconds: the order of parts that begin in one second can't be known.
      const secondOf = (at: number): string => lines[at]?.slice(0, 'Nov 27 09:00:00'.length) ?? '';
      const beginning = (at: number): number => {
        const from = Math.ceil((lines.length * at) / 3);
        const later = lines.findIndex((_, index) => index >= from && secondOf(index) !== secondOf(index - 1));
        return at === 0 ? 0 : later;
      };
      const parts = [0, 1, 2].map((at) => {
        const path = join(directory, `mail.log.${at}`);
        const end = at === 2 ? lines.length : beginning(at + 1);
        writeFileSync(path, `${lines.slice(beginning(at), end).join('\n')}\n`);
        return path;
      });
      const [one = '', two = '', three = ''] = parts;
      execFileSync('gzip', ['-f', one]);
      execFileSync('xz', ['-f', two]);
      execFileSync('zstd', ['-q', '-f', '--rm', three]);
      const packed = [`${three}.zst`, `${one}.gz`, `${two}.xz`];
      const target = await createInstance();
      try {
        const whole = await restoreInto(target, { archive, dryRun: true, sinceLog: [log] });
        const inParts = await restoreInto(target, { archive, dryRun: true, sinceLog: packed });
        expect(inParts.mappings).toEqual(whole.mappings);
        expect(whole.report.delivered_since).toBeGreaterThan(0);
      } finally {
        await target.dispose();
      }
    }, 120_000);
  });
});

/** A snapshot of deferred mail, and what Postfix does with it after that. */
async function liveOn(source: PostfixInstance, sink: SmtpSink, archive: string): Promise<void> {
  await source.start();
  const ids = await source.submitAll(
    NUMBERS.map((number) => ({
      from: sender(number),
      to: [first(number), second(number)],
      data: `From: ${sender(number)}\nMessage-ID: <${number}@test>\nX-Test-Id: ${number}\nSubject: test\n\nText ${number}.\n`,
    })),
  );
  await source.waitFor(() => isAtRest(source), 'all mail to be deferred', { timeoutMs: 120_000 });
  await backUp(source, archive);
  const idsOf = (numbers: readonly number[]): string[] => numbers.map((number) => ids[number] ?? '');
  for (const number of having('delivered', 'partly', 'requeued', 'requeued, delivered')) {
    sink.setAnswer(first(number), '250');
  }
  for (const number of having('delivered', 'returned')) {
    sink.setAnswer(second(number), '250');
  }
  for (const number of having('returned')) {
    sink.setAnswer(first(number), '550');
    sink.setAnswer(sender(number), '250');
  }
  const gone = having('delivered', 'returned').length;
  await flushUntil(source, () => source.queueFiles().filter(isMessage).length === MESSAGES - gone);
  await source.postsuper('-d', ...idsOf(having('deleted')).flatMap((id, at) => (at === 0 ? [id] : ['-d', id])));
  await source.postsuper('-h', ...idsOf(having('waiting')).flatMap((id, at) => (at === 0 ? [id] : ['-h', id])));
  const requeued = idsOf(having('requeued', 'requeued, delivered'));
  await source.postsuper('-r', ...requeued.flatMap((id, at) => (at === 0 ? [id] : ['-r', id])));
  await source.waitFor(() => source.queueFiles().every(({ queueName }) => queueName !== 'maildrop'), 'pickup', {
    timeoutMs: 120_000,
  });
  for (const number of having('requeued, delivered')) {
    sink.setAnswer(second(number), '250');
  }
  const left = having('partly', 'waiting', 'requeued').length;
  await flushUntil(source, () => source.queueFiles().filter(isMessage).length === left);
  await source.stop();
}

function isMessage({ queueName }: { readonly queueName: string }): boolean {
  return ['maildrop', 'incoming', 'active', 'deferred', 'hold'].includes(queueName);
}

function isAtRest(source: PostfixInstance): boolean {
  const files = source.queueFiles().filter(isMessage);
  return files.length === MESSAGES && files.every(({ queueName }) => queueName === 'deferred');
}

/** Each attempt of all is to be over before the next one: else some are always in the active queue. */
async function flushUntil(source: PostfixInstance, isReached: () => boolean): Promise<void> {
  await source.waitFor(
    async () => {
      const isIdle = source
        .queueFiles()
        .every(({ queueName }) => !['maildrop', 'incoming', 'active'].includes(queueName));
      if (isIdle && !isReached()) {
        await source.flush();
        await setTimeout(500);
      }
      return isIdle && isReached();
    },
    'mail to leave',
    { timeoutMs: 120_000 },
  );
}

interface Lost {
  readonly archive: string;
  readonly log: readonly string[];
  readonly before: SmtpSink;
  readonly long: string;
}

/** Restores into an empty queue, and lets all of it be delivered. */
async function restoreAndDeliver({ archive, log, before, long }: Lost) {
  const target = await createInstance({ parameters: { enable_long_queue_ids: long, in_flow_delay: '0' } });
  const sink = await startSink({ port: target.relayPort });
  try {
    for (const number of having('returned')) {
      sink.setAnswer(first(number), '550');
    }
    const dry = await restoreInto(target, { archive, dryRun: true, sinceLog: log });
    const { report, mappings } = await restoreInto(target, { archive, sinceLog: log });
    // What is left out is told before what is restored, batch by batch: by their IDs both are in one order.
    const places = (lines: typeof mappings) =>
      lines
        .map((line) => ({ ...line, new_queue_id: null }))
        .sort((one, other) => (one.queue_id < other.queue_id ? -1 : 1));
    expect(places(dry.mappings)).toEqual(places(mappings));
    await target.start();
    await emptied(target);
    return { report, counts: (recipient: string) => before.count(recipient) + sink.count(recipient) };
  } finally {
    await target.dispose();
    await sink.close();
  }
}
