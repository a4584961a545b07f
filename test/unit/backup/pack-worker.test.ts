/** The program of a thread that packs, as the pool speaks with it: here its port is in this thread. */

import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { expect, it, onTestFinished, vi } from 'vitest';
import { decodeDraftLines } from '../../../src/archive/draft-line.ts';
import type { PackJob, PackResult } from '../../../src/backup/pack-batch.ts';
import type { PackThreadSetup } from '../../../src/backup/pack-worker.ts';
import { type Answer, POOL_MARK } from '../../../src/worker/service.ts';
import { makeQueueDirectory, put, spoolOf } from '../../support/queue/queue-directory.ts';
import { queueFile } from '../../support/queue/queue-file-builder.ts';

/** Starts the program as that of a thread of a pool. */
async function startThread(setup: PackThreadSetup, service = 'pack'): Promise<MessagePort> {
  const { port1, port2 } = new MessageChannel();
  onTestFinished(() => {
    port1.close();
    vi.doUnmock('node:worker_threads');
  });
  const workerData = { pool: POOL_MARK, service, setup, thread: 0 };
  vi.doMock('node:worker_threads', () => ({ parentPort: port2, workerData }));
  // What was loaded before has the port of this thread.
  vi.resetModules();
  await import('../../../src/backup/pack-worker.ts');
  return port1;
}

function ask(port: MessagePort, job: PackJob): Promise<Answer<PackResult>> {
  return new Promise((resolve) => {
    port.once('message', resolve);
    port.postMessage(job);
  });
}

function setupOf(queueDirectory: string, selection: PackThreadSetup['selection']): PackThreadSetup {
  return { queueDirectory, snapshotId: 'snapshot', level: 1, nowNs: 0n, rights: undefined, selection };
}

function twoMessages(): { queue: string; job: PackJob } {
  const queue = makeQueueDirectory();
  const ids = ['000001', '000002'];
  for (const id of ids) {
    put(queue, `hold/${id}`, { content: queueFile() });
  }
  const items = ids.map((id) => ({ id, paths: [`hold/${id}`], takenQueues: [], logQueues: [], wanted: [] }));
  return { queue, job: { items, depths: spoolOf(queue).depths } };
}

it('packs the messages of a job, and those alone that are selected', { timeout: 30_000 }, async () => {
  const { queue, job } = twoMessages();
  const port = await startThread(setupOf(queue, { only: { ids: ['000002'] } }));
  const answer = await ask(port, job);
  const result = answer.kind === 'result' ? answer.result : undefined;
  expect(result?.outcomes.map(({ outcome }) => outcome.kind)).toEqual(['not selected', 'copied']);
  expect(result?.done).toBe(2);
  const names = result?.frames.flatMap(({ lines }) => [...decodeDraftLines(lines)].map(({ queueId }) => queueId));
  expect(names).toEqual(['000002']);
});

it('says why it can do nothing, to each job', { timeout: 30_000 }, async () => {
  const { queue, job } = twoMessages();
  const port = await startThread(setupOf(queue, { only: { senders: ['/(/'] } }));
  expect(await ask(port, job)).toMatchObject({ kind: 'error', error: { code: 'usage' } });
});
