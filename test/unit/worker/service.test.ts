import { MessageChannel } from 'node:worker_threads';
import { expect, onTestFinished, test, vi } from 'vitest';

/** The module of a thread, as a pool starts it: here its port is in this thread. */
async function startService(): Promise<typeof import('../../../src/worker/service.ts')> {
  const { port1, port2 } = new MessageChannel();
  onTestFinished(() => {
    port1.close();
    vi.doUnmock('node:worker_threads');
  });
  const workerData = { pool: 'postsnap worker pool', service: 'test', setup: {}, thread: 0 };
  vi.doMock('node:worker_threads', () => ({ parentPort: port2, workerData }));
  vi.resetModules();
  return import('../../../src/worker/service.ts');
}

test('a thread that is given two programs of one service is ended, and answers nothing twice', async () => {
  const { serveJobs } = await startService();
  serveJobs('another', () => () => 'nothing');
  serveJobs('test', () => () => 'once');
  expect(() => serveJobs('test', () => () => 'twice')).toThrow('a thread serves the jobs of test twice');
});
