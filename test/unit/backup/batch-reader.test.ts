/** Candidates are read in batches, and each is told once, whatever the threads leave for later or for this thread. */

import { describe, expect, it } from 'vitest';
import { loadCodec } from '../../../src/archive/zstd/load-codec.ts';
import { BatchReader } from '../../../src/backup/batch-reader.ts';
import { type PackJob, PackMemory, type PackResult } from '../../../src/backup/pack-batch.ts';
import type { Candidate, Outcome } from '../../../src/backup/snapshot.ts';
import { InterruptedError } from '../../../src/errors.ts';
import { nodeFileSystem } from '../../../src/fs/node-file-system.ts';
import { makeQueueDirectory, put, spoolOf } from '../../support/queue/queue-directory.ts';
import { queueFile } from '../../support/queue/queue-file-builder.ts';

const codec = await loadCodec();

function candidates(count: number): Candidate[] {
  return Array.from({ length: count }, (_, index) => {
    const id = String(index).padStart(6, '0');
    return { id, paths: [`hold/${id}`], index, round: 1, takenQueues: [], logQueues: [], wanted: [] };
  });
}

/** What a thread says that found nothing of what it was given. */
function vanished(items: PackJob['items'], changes: Partial<PackResult> = {}): PackResult {
  return {
    frames: [],
    outcomes: items.map((_, item) => ({ item, outcome: { kind: 'vanished' } })),
    done: items.length,
    tooBig: [],
    unreadableLogs: [],
    ...changes,
  };
}

interface Reading {
  readonly signal?: AbortSignal;
  readonly queue?: string;
}

/** Reads with threads that answer so. */
async function read(
  given: readonly Candidate[],
  answer: (job: PackJob) => PackResult,
  { signal, queue = makeQueueDirectory() }: Reading = {},
) {
  const told: [string, Outcome['kind']][] = [];
  const progress: number[] = [];
  const batches: number[] = [];
  const logs: string[] = [];
  let frames = 0;
  const run = async (job: PackJob): Promise<PackResult> => {
    batches.push(job.items.length);
    return answer(job);
  };
  const reader = new BatchReader({
    spool: spoolOf(queue),
    writer: {
      append: () => {
        frames += 1;
        return frames;
      },
      hold: { add: () => undefined, release: () => undefined, discard: () => undefined },
    },
    setup: { queueDirectory: queue, snapshotId: 'snapshot', level: 1, nowNs: 0n },
    tools: {
      fs: nodeFileSystem,
      codec,
      accounts: { userName: () => undefined, groupName: () => undefined },
      memory: new PackMemory(),
    },
    pool: {
      run,
      async *ordered(jobs, runEach = run) {
        for await (const job of jobs) {
          yield await runEach(job);
        }
      },
      close: () => Promise.resolve(),
    },
    signal,
    onProgress: (done) => progress.push(done),
    onUnreadableLog: ({ path }) => logs.push(path),
  });
  await reader.readAll(given, ({ id }, { kind }) => void told.push([id, kind]));
  return { told, progress, batches, logs, frames, reader };
}

const idsOf = (given: readonly Candidate[]): string[] => given.map(({ id }) => id);

describe('reading all', () => {
  it('tells each candidate in its order, 400 in a batch', async () => {
    const given = candidates(900);
    const { told, progress, batches } = await read(given, ({ items }) => vanished(items));
    expect(told.map(([id]) => id)).toEqual(idsOf(given));
    expect([batches, progress]).toEqual([
      [400, 400, 100],
      [400, 800, 900],
    ]);
  });

  it('gives to the threads again what they have left, until nothing is', async () => {
    const given = candidates(10);
    const half = ({ items }: PackJob): PackResult => vanished(items.slice(0, Math.ceil(items.length / 2)));
    const { told, progress, batches } = await read(given, half);
    expect(told.map(([id]) => id)).toEqual(idsOf(given));
    expect([batches, progress]).toEqual([
      [10, 5, 2, 1],
      [5, 8, 9, 10],
    ]);
  });

  it('reads here what is too big for a thread, and appends its frames', async () => {
    const queue = makeQueueDirectory();
    put(queue, 'hold/000001', { content: queueFile() });
    const { told, frames } = await read(
      candidates(3),
      ({ items }) =>
        vanished(items, { outcomes: [0, 2].map((item) => ({ item, outcome: { kind: 'vanished' } })), tooBig: [1] }),
      { queue },
    );
    expect(told).toEqual([
      ['000000', 'vanished'],
      ['000002', 'vanished'],
      ['000001', 'copied'],
    ]);
    expect(frames).toBe(1);
  });

  it('appends the frames of the threads, and names the logs that they could not read', async () => {
    const frame = { bytes: new Uint8Array(1), size: 1, lines: new Uint8Array(0) };
    const log = { queueName: 'defer', queueId: '000000', path: 'defer/0/000000', reason: 'no' };
    const { frames, logs } = await read(candidates(1), ({ items }) =>
      vanished(items, { frames: [frame, frame], unreadableLogs: [log] }),
    );
    expect([frames, logs]).toEqual([2, ['defer/0/000000']]);
  });

  it.each([0, 1])('stops at a signal, also with %i candidates', async (count) => {
    const reading = read(candidates(count), ({ items }) => vanished(items), { signal: AbortSignal.abort() });
    await expect(reading).rejects.toBeInstanceOf(InterruptedError);
  });
});

it('tells the arrival of what has an ID now', async () => {
  const queue = makeQueueDirectory();
  put(queue, 'hold/000001', { content: queueFile() });
  const { reader } = await read([], ({ items }) => vanished(items), { queue });
  expect(reader.arrivalOf({ id: '000001', paths: ['hold/000001'] })).toBe(1_700_000_000_123_456);
  expect(reader.arrivalOf({ id: '000002', paths: [] })).toBeUndefined();
});
