import { expect, test } from 'vitest';
import type { PackItem, PackJob, PackResult } from '../../../src/backup/pack-batch.ts';
import { packSurely } from '../../../src/backup/pack-surely.ts';
import { ThreadLostError } from '../../../src/worker/pool.ts';

function item(id: string): PackItem {
  return { id, paths: [`hold/${id}`], takenQueues: [], logQueues: [], wanted: [] };
}

/** A pool whose threads end at one message, and that tells what each run was given. */
function poolThatDiesOf(killer: string, frameSize = 10): { run(job: PackJob): Promise<PackResult>; runs: string[][] } {
  const runs: string[][] = [];
  return {
    runs,
    run: (job) => {
      const ids = job.items.map(({ id }) => id);
      runs.push(ids);
      if (ids.includes(killer)) {
        return Promise.reject(new ThreadLostError('out of memory'));
      }
      return Promise.resolve({
        frames: [{ bytes: new Uint8Array(frameSize), size: 1, lines: Buffer.from(ids.join(' ')) }],
        outcomes: ids.map((_, number) => ({ item: number, outcome: { kind: 'vanished' } })),
        done: ids.length,
        tooBig: ids.includes('big') ? [ids.indexOf('big')] : [],
        unreadableLogs: [],
      });
    },
  };
}

const JOB: PackJob = { depths: new Map(), items: ['a', 'killer', 'big', 'b'].map(item) };

test('a batch without trouble is packed at once', async () => {
  const pool = poolThatDiesOf('nobody');
  const result = await packSurely(pool, JOB);
  expect(pool.runs).toEqual([['a', 'killer', 'big', 'b']]);
  expect(result).toMatchObject({ done: 4, tooBig: [2] });
});

test('of a batch that ends its thread only the message is lost that does it, and it is named', async () => {
  const pool = poolThatDiesOf('killer');
  const { frames, outcomes, done, tooBig } = await packSurely(pool, JOB);
  expect(pool.runs).toEqual([['a', 'killer', 'big', 'b'], ['a'], ['killer'], [], ['big'], ['b']]);
  expect(frames.map(({ lines }) => Buffer.from(lines).toString())).toEqual(['a', 'big', 'b']);
  expect(done).toBe(4);
  expect(tooBig).toEqual([2]);
  expect(outcomes).toEqual([
    { item: 0, outcome: { kind: 'vanished' } },
    { item: 1, outcome: { kind: 'unreadable', queueName: 'hold', reason: expect.stringContaining('out of memory') } },
    { item: 2, outcome: { kind: 'vanished' } },
    { item: 3, outcome: { kind: 'vanished' } },
  ]);
});

test('no more is held of it than of any other batch: what is left is read later', async () => {
  const pool = poolThatDiesOf('b', 17_000_000);
  expect((await packSurely(pool, JOB)).done).toBe(1);
});

test('any other error ends the work', async () => {
  const pool = { run: (): Promise<PackResult> => Promise.reject(new Error('interrupted')) };
  await expect(packSurely(pool, JOB)).rejects.toThrow('interrupted');
});

test('threads that end whatever they are given end the work: no message is blamed', async () => {
  const pool = { run: (): Promise<PackResult> => Promise.reject(new ThreadLostError('no memory at all')) };
  await expect(packSurely(pool, JOB)).rejects.toThrow('no memory at all');
});
