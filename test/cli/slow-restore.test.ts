/** A restore at a pace: what it tells, its order, and what is left of it when it is cut off. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { postsnap } from '../support/process/command.ts';
import { start } from '../support/process/process.ts';
import { backedUpQueue } from '../support/queue/backed-up-queue.ts';
import { makeEmptyQueue, messagesIn, queueOptions } from '../support/queue/sample-queue.ts';

const QUEUES = ['maildrop', 'incoming', 'active', 'deferred', 'hold'];

const { scratch, source, archive } = backedUpQueue();
let arrivals: Map<string, number>;
let total: number;
beforeAll(() => {
  total = messagesIn(source).filter(({ queueName }) => QUEUES.includes(queueName)).length;
  const { stdout } = postsnap(['list', '-j', archive]);
  const lines = stdout.trimEnd().split('\n');
  arrivals = new Map(
    lines.map((line) => JSON.parse(line)).map(({ queue_id, arrival_time }) => [queue_id, arrival_time]),
  );
});

interface Line {
  readonly queue_id: string;
  readonly action: string;
}

function inOrder(map: string): string[] {
  const lines = readFileSync(map, 'utf8').trimEnd().split('\n');
  const restored = lines.map((line): Line => JSON.parse(line)).filter(({ action }) => action === 'restored');
  return restored.map(({ queue_id }) => queue_id);
}

describe.each(['queues', 'maildrop', 'hold'])('at a pace into %s', (into) => {
  test('the oldest goes first, and no more of them in a second than it says', () => {
    const target = makeEmptyQueue(join(scratch, `into-${into}`));
    const map = join(scratch, `map-${into}`);
    const began = performance.now();
    const args = ['--into', into, '--rate', '5/s', '--map', map, archive];
    const { status, stdout, stderr } = postsnap(['restore', ...queueOptions(target), ...args]);
    const ids = inOrder(map);
    expect({ status, stderr: into === 'hold' ? '' : stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^At most 5\/s, the oldest first: \d\.\d s\.$/mu);
    expect(ids.length).toBeGreaterThan(10);
    expect(performance.now() - began).toBeGreaterThan(1000 * (Math.ceil(ids.length / 5) - 1));
    const times = ids.map((id) => arrivals.get(id) ?? 0);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });
});

describe('cut off', () => {
  async function cutOff(name: string): Promise<string> {
    const target = makeEmptyQueue(join(scratch, name));
    const running = start(['restore', ...queueOptions(target), '--rate', '60/min', archive]);
    await until(() => messagesIn(target).length > 0);
    const during = postsnap(['status', ...queueOptions(target)]);
    expect([during.status, during.stdout]).toEqual([1, expect.stringContaining('Under way: a restore of')]);
    expect(during.stdout).toContain(`process ${running.pid} on`);
    expect(postsnap(['restore', ...queueOptions(target), archive]).status).toBe(75);
    process.kill(running.pid, 'SIGINT');
    const { status, stderr } = await running.ended;
    expect([status, stderr]).toEqual([130, expect.stringContaining('the same command goes on')]);
    expect(messagesIn(target).length).toBeLessThan(total);
    return target;
  }

  test('it tells the pace and the time left, and goes on at the same pace by itself', async () => {
    const target = await cutOff('finished');
    const there = messagesIn(target).length;
    const { stdout } = postsnap(['status', '-j', ...queueOptions(target)]);
    expect(JSON.parse(stdout)).toMatchObject({
      at_work: null,
      pending: [{ rate: '60/min', seconds_left: total - there }],
    });
    expect(postsnap(['status', ...queueOptions(target)]).stdout).toMatch(/ At most 60\/min: \d\S* s left\.$/mu);
    const began = performance.now();
    expect(postsnap(['restore', ...queueOptions(target), '--finish'])).toMatchObject({ status: 0 });
    expect(performance.now() - began).toBeGreaterThan(1000 * (total - there - 5));
    expect(messagesIn(target)).toHaveLength(total);
  }, 60_000);

  test('the same command goes on, and at another pace where one is told', async () => {
    const target = await cutOff('again');
    const began = performance.now();
    const again = postsnap(['restore', ...queueOptions(target), '--rate', '1000/s', archive]);
    expect(again).toMatchObject({ status: 0 });
    expect(performance.now() - began).toBeLessThan(20_000);
    expect(messagesIn(target)).toHaveLength(total);
  }, 60_000);

  test('what waits can be given up', async () => {
    const target = await cutOff('given-up');
    const there = messagesIn(target).length;
    expect(postsnap(['restore', ...queueOptions(target), '--abandon'])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('given up: the archive still has them'),
    });
    expect(messagesIn(target)).toHaveLength(there);
  }, 60_000);
});

async function until(holds: () => boolean): Promise<void> {
  for (let waited = 0; !holds(); waited += 50) {
    expect(waited).toBeLessThan(20_000);
    await sleep(50);
  }
}
