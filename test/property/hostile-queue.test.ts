/**
 * Whatever bytes stand in a queue directory, the archive of it can be read, and everything else in it is restored. Many
 * queues go into one archive: each is a message that anything was done to, with its logs, and a sound one.
 */

import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { backup } from '../../src/backup/backup.ts';
import { list } from '../../src/inspect/list.ts';
import { verify } from '../../src/inspect/verify.ts';
import type { MessageMapping } from '../../src/restore/options.ts';
import { restore } from '../../src/restore/restore.ts';
import { type MadeFile, makeQueues, putMutated, putSound, randomOf } from './hostile-queue.ts';
import { runs } from './runs.ts';

const QUEUES_IN_AN_ARCHIVE = 1000;
const OVERRIDES = { mail_owner: userInfo().username, hash_queue_names: '' };

interface Judged {
  /** As `queue/ID`. */
  readonly restored: ReadonlySet<string>;
  readonly failed: number;
}

/** Restores into an empty queue, and judges: all sound mail is there, and nothing is there that is not what it was. */
async function judgeRestore(archive: string, made: ReadonlyMap<string, MadeFile>, salvage: boolean): Promise<Judged> {
  const target = makeQueues(mkdtempSync(join(tmpdir(), 'postsnap-hostile-')));
  try {
    const mappings: MessageMapping[] = [];
    const onMapping = (mapping: MessageMapping): void => void mappings.push(mapping);
    const options = { archive, queueDirectory: target, overrides: OVERRIDES, workers: 0, salvage, onMapping };
    const report = await restore(options);
    expect(report.damaged).toBe(0);
    const restored = new Set<string>();
    for (const { queue_name, queue_id, new_queue_name, new_queue_id, action } of mappings) {
      if (action === 'restored') {
        const content = readFileSync(join(target, new_queue_name ?? '', new_queue_id ?? ''));
        expect(content.equals(made.get(`${queue_name}/${queue_id}`)?.content ?? Buffer.of())).toBe(true);
        restored.add(`${queue_name}/${queue_id}`);
      }
    }
    return { restored, failed: report.failed };
  } finally {
    rmSync(target, { recursive: true });
  }
}

async function judgeQueues(seed: number, queues: number): Promise<Judged> {
  const random = randomOf(seed);
  const around = mkdtempSync(join(tmpdir(), 'postsnap-hostile-'));
  try {
    const source = makeQueues(join(around, 'queue'));
    const sound = Array.from({ length: queues }, () => putSound(random, source));
    const others = Array.from({ length: queues }, () => putMutated(random, source));
    const made = new Map([...sound, ...others].map((file) => [`${file.queueName}/${file.queueId}`, file]));
    const archive = join(around, 'archive');
    const report = await backup({ archive, queueDirectory: source, overrides: OVERRIDES, workers: 0 });
    // Nothing is unreadable here: what is not in the archive is what may still be being written.
    expect(report.unreadable).toEqual([]);
    expect(report.messages + report.incomplete).toBe(made.size);
    let listed = 0;
    const onMessage = (): void => {
      listed += 1;
    };
    await list({ archive, onMessage });
    expect(listed).toBe(report.messages);
    expect(await verify({ archive, workers: 0 })).toMatchObject({ ok: true, damaged: [], errors: [] });
    const whole = await judgeRestore(archive, made, false);
    expect(sound.filter((file) => !whole.restored.has(`${file.queueName}/${file.queueId}`))).toEqual([]);
    // Without its end, nothing but the entries tells what is in it.
    truncateSync(archive, statSync(archive).size - 20);
    const salvaged = await judgeRestore(archive, made, true);
    expect(salvaged.restored).toEqual(whole.restored);
    return whole;
  } finally {
    rmSync(around, { recursive: true });
  }
}

test('whatever bytes stand in a queue directory, the archive can be read and everything else in it is restored', async () => {
  const total = runs(2000);
  const first = Number(process.env['FUZZ_SEED'] ?? Date.now() % 1_000_000_000);
  const start = performance.now();
  const sums = { restored: 0, failed: 0 };
  for (let done = 0, seed = first; done < total; done += QUEUES_IN_AN_ARCHIVE, seed += 1) {
    try {
      const { restored, failed } = await judgeQueues(seed, Math.min(QUEUES_IN_AN_ARCHIVE, total - done));
      sums.restored += restored.size;
      sums.failed += failed;
    } catch (error) {
      throw new Error(`FUZZ_SEED=${seed}`, { cause: error });
    }
  }
  const minutes = (performance.now() - start) / 60_000;
  console.log(
    `${total} queues: ${sums.restored} messages restored, ${sums.failed} named as broken; ${Math.round(total / minutes)} queues a minute`,
  );
});
