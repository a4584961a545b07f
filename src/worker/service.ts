/** The worker's side of a worker pool. */

import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { encodeError, type PlainError } from './plain-error.ts';

export type JobHandler<Job, Result> = (job: Job) => Result | Promise<Result>;

/** Makes the handler of one thread: it loads what the thread needs once. */
export type HandlerFactory<Setup, Job, Result> = (
  setup: Setup,
  /** Counts the threads of the pool, from 0; undefined where there are none. */
  thread?: number,
) => JobHandler<Job, Result> | Promise<JobHandler<Job, Result>>;

/** What a worker answers to a job. */
export type Answer<Result> =
  | { readonly kind: 'result'; readonly result: Result }
  | { readonly kind: 'error'; readonly error: PlainError };

/** Names the buffers in a result that are moved to the main thread, not copied. */
export type TransferList<Result> = (result: Result) => ArrayBuffer[];

/**
 * Serves the jobs of a worker pool; to be called once by the module that the pool's `url` names. In a thread that no
 * pool started, or one of another service, it does nothing: so the module can be imported everywhere.
 *
 * The types of job and setup are the pool's promise: both sides name the same service and handler factory.
 */
export function serveJobs<Setup, Job, Result>(
  service: string,
  createHandler: HandlerFactory<Setup, Job, Result>,
  transferList: TransferList<Result> = () => [],
): void {
  const port = parentPort;
  if (port === null || !isPoolData<Setup>(workerData) || workerData.service !== service) {
    return;
  }
  // Each job would be answered once more, and that answer be taken for another job's.
  if (port.listenerCount('message') > 0) {
    throw new Error(`a thread serves the jobs of ${service} twice`);
  }
  const { setup, thread } = workerData;
  const handler = Promise.resolve(setup).then((given) => createHandler(given, thread));
  port.on('message', (job: Job) => {
    void answer({ port, handler, transferList }, job);
  });
}

interface Service<Job, Result> {
  readonly port: MessagePort;
  readonly handler: Promise<JobHandler<Job, Result>>;
  readonly transferList: TransferList<Result>;
}

async function answer<Job, Result>({ port, handler, transferList }: Service<Job, Result>, job: Job): Promise<void> {
  try {
    const handle = await handler;
    const result = await handle(job);
    const reply: Answer<Result> = { kind: 'result', result };
    port.postMessage(reply, transferList(result));
  } catch (error) {
    const reply: Answer<Result> = { kind: 'error', error: encodeError(error) };
    port.postMessage(reply);
  }
}

/** The data that a pool starts its workers with. */
export interface PoolData<Setup> {
  readonly pool: typeof POOL_MARK;
  readonly service: string;
  readonly setup: Setup;
  readonly thread: number;
}

export const POOL_MARK = 'postsnap worker pool';

function isPoolData<Setup>(data: unknown): data is PoolData<Setup> {
  return typeof data === 'object' && data !== null && 'pool' in data && data.pool === POOL_MARK;
}
