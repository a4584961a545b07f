/**
 * Packs a batch though one of its messages may end the thread that reads it: its messages are then read one by one, and the
 * one that ends a thread again is named. The others are in the archive.
 */

import { ThreadLostError, type WorkerPool } from '../worker/pool.ts';
import type { PackItem, PackJob, PackResult } from './pack-batch.ts';

/** Held of a batch that is read message by message, in compressed bytes: what is left of it is read later. */
const HELD_TARGET = 16_777_216;

/** Gives a batch to a thread, and makes up for it if that ends. */
export async function packSurely(
  pool: Pick<WorkerPool<PackJob, PackResult>, 'run'>,
  job: PackJob,
): Promise<PackResult> {
  try {
    return await pool.run(job);
  } catch (error) {
    if (!(error instanceof ThreadLostError)) {
      throw error;
    }
    const [only] = job.items;
    if (only === undefined || job.items.length !== 1) {
      return packOneByOne(pool, job);
    }
    // Threads that do nothing but end are not this message's fault: that ends the work.
    await pool.run({ ...job, items: [] });
    return unread(only, error);
  }
}

async function packOneByOne(pool: Pick<WorkerPool<PackJob, PackResult>, 'run'>, job: PackJob): Promise<PackResult> {
  const results: PackResult[] = [];
  let held = 0;
  for (const item of job.items) {
    const result = await packSurely(pool, { ...job, items: [item] });
    results.push(result);
    held += result.frames.reduce((sum, frame) => sum + frame.bytes.length, 0);
    if (held >= HELD_TARGET) {
      break;
    }
  }
  return {
    frames: results.flatMap(({ frames }) => frames),
    outcomes: results.flatMap(({ outcomes }, item) => outcomes.map(({ outcome }) => ({ item, outcome }))),
    done: results.length,
    tooBig: results.flatMap(({ tooBig }, item) => tooBig.map(() => item)),
    unreadableLogs: results.flatMap(({ unreadableLogs }) => unreadableLogs),
  };
}

function unread({ paths }: PackItem, { message }: ThreadLostError): PackResult {
  const [path = ''] = paths;
  const queueName = path.slice(0, Math.max(0, path.indexOf('/')));
  const reason = `reading it ends postsnap's own thread, which is a bug: ${message}`;
  return {
    frames: [],
    outcomes: [{ item: 0, outcome: { kind: 'unreadable', queueName, reason } }],
    done: 1,
    tooBig: [],
    unreadableLogs: [],
  };
}
