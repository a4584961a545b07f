/** What a receiver gets of a restore that goes at a pace. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { archiveOf, runningTarget } from '../support/postfix/at-work.ts';
import type { PostfixInstance } from '../support/postfix/instance.ts';
import { describeWithPostfix } from '../support/postfix/requirements.ts';
import type { SmtpSink } from '../support/postfix/sink.ts';
import { countsOf, submitDeferred } from '../support/postfix/small-queue.ts';
import { emptied } from '../support/postfix/target.ts';
import { start } from '../support/process/process.ts';

/** In the order of their arrival. */
const IDS = Array.from({ length: 8 }, (_, index) => `message-${index}`);
/** Two every five seconds. */
const RATE = '24/min';
const SLICE = 2;
const SLICE_MS = 5000;

describeWithPostfix('at a pace into a Postfix that runs', () => {
  const directory = mkdtempSync(join(tmpdir(), 'postsnap-pace-'));
  const archive = join(directory, 'queue.postsnap');

  beforeAll(() =>
    archiveOf(archive, async (source) => {
      for (const id of IDS) {
        await submitDeferred(source, [id]);
        await sleep(1100);
      }
      await source.stop();
    }),
  );

  afterAll(() => rmSync(directory, { recursive: true }));

  it.each(['queues', 'maildrop'])(
    'into %s: the oldest first, so many in that time, each once, cut off or not',
    async (into) => {
      const { target, receiver } = await runningTarget();
      const times = watch(receiver, target);
      const args = ['-c', target.configDirectory];
      const began = performance.now();
      const first = start(['restore', ...args, '--into', into, '--retry-now', '--rate', RATE, archive]);
      await receiverHas(receiver, SLICE);
      process.kill(first.pid, 'SIGINT');
      expect(await first.ended).toMatchObject({ status: 130 });
      await sleep(SLICE_MS + 1000);
      expect(receiver.deliveries).toHaveLength(SLICE);
      const resumed = performance.now();
      expect(await start(['restore', ...args, '--finish']).ended).toMatchObject({ status: 0 });
      await receiverHas(receiver, IDS.length);
      await times.end();
      await emptied(target);
      expect(receiver.counts()).toEqual(countsOf(IDS, 1));
      // Of those that go at once Postfix may deliver any one first.
      const slices = IDS.map((_, at) =>
        receiver.deliveries
          .slice(at * SLICE, (at + 1) * SLICE)
          .map(({ id }) => id)
          .sort(),
      );
      expect(slices.flat()).toEqual(IDS);
      for (const [at, time] of times.seen.entries()) {
        const slice = Math.floor(at / SLICE);
        const due = slice === 0 ? began : resumed + (slice - 1) * SLICE_MS;
        expect(time, `delivery ${at}`).toBeGreaterThanOrEqual(due);
      }
      expect((times.seen.at(-1) ?? 0) - resumed).toBeLessThan(2 * SLICE_MS + 10_000);
    },
  );
});

async function receiverHas(sink: SmtpSink, count: number): Promise<void> {
  for (let waited = 0; sink.deliveries.length < count; waited += 50) {
    expect(waited).toBeLessThan(60_000);
    await sleep(50);
  }
}

interface Watch {
  /** When each delivery was seen. */
  readonly seen: readonly number[];
  readonly end: () => Promise<void>;
}

/** Has Postfix look at its queues again and again. */
function watch(sink: SmtpSink, postfix: PostfixInstance): Watch {
  const seen: number[] = [];
  const state = { isOver: false };
  const loop = (async () => {
    while (!state.isOver) {
      await postfix.flush();
      await sleep(50);
      while (seen.length < sink.deliveries.length) {
        seen.push(performance.now());
      }
    }
  })();
  const end = (): Promise<void> => {
    state.isOver = true;
    return loop;
  };
  return { seen, end };
}
