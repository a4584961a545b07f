/**
 * Runs jobs in worker threads, or in this thread where there are none: the same handler in both. The number of jobs in
 * flight is bounded, so memory does not grow with the number of jobs.
 */

import { availableParallelism } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { InterruptedError, SystemError } from '../errors.ts';
import { decodeError } from './plain-error.ts';
import { type Answer, type HandlerFactory, type JobHandler, POOL_MARK, type PoolData, serveJobs } from './service.ts';

export type { HandlerFactory };
export { serveJobs };

export interface WorkerPoolOptions<Setup> {
  /** Worker threads at most; 0 runs the jobs in this thread. */
  readonly workers: number;
  /** What the workers do; their module calls serveJobs() with the same name and factory. */
  readonly service: string;
  /** The module of the workers, compiled. */
  readonly url: URL;
  /** Instead of that module, which this process may not be able to read: the text of a script that holds its code. */
  readonly program?: string | undefined;
  /** Given to the handler factory of each thread; structured-cloneable. */
  readonly setup: Setup;
  /** Ends all work: what is under way is rejected with an InterruptedError. */
  readonly signal?: AbortSignal | undefined;
}

export interface WorkerPool<Job, Result> {
  /**
   * Gives a job to the next thread that is free. Errors keep their class and code.
   *
   * @param transfer buffers in the job that are moved, not copied.
   */
  run(job: Job, transfer?: ArrayBuffer[]): Promise<Result>;
  /**
   * The results in the order of the jobs. Of these, two a thread are taken ahead of the result that is waited for.
   *
   * @param run in place of {@link run}: what is done with a job that fails, say
   */
  ordered(
    jobs: Iterable<Job> | AsyncIterable<Job>,
    run?: (job: Job) => Promise<Result>,
  ): AsyncGenerator<Result, void, undefined>;
  /** Ends the threads. Jobs that are not done are rejected with an InterruptedError. */
  close(): Promise<void>;
}

/** A thread ended while it worked on a job: out of memory, most likely. Another has taken its place; the job is not done. */
export class ThreadLostError extends SystemError {
  constructor(reason: string) {
    super('refused', `a worker thread ended: ${reason}`, {
      errno: 'ENOMEM',
      nextStep: 'Allow it more memory (ulimit -v, MemoryMax) and more open files (ulimit -n), or fewer threads.',
    });
  }
}

/** Threads that end one after the other, and not one answer in between, can't work at all. */
const LOST_MAXIMUM = 10;

const JOBS_PER_WORKER = 2;
/** What a job makes is garbage when it is done. More room for it costs memory in each thread, and saves no time. */
const RESOURCE_LIMITS = { maxYoungGenerationSizeMb: 24 };

/** A thread takes some 60 MB: with more of them than this no bound on the memory of all could be kept. */
const DEFAULT_MAXIMUM = 4;

/** One thread a processor. Where there is one, none: beside the main thread another costs time and saves none. */
export function defaultWorkers(): number {
  const processors = availableParallelism();
  return processors === 1 ? 0 : Math.min(processors, DEFAULT_MAXIMUM);
}

/** Starts a thread, and others when there are jobs for them. @param createHandler what the module of the workers gives to serveJobs(). */
export function createWorkerPool<Job, Result, Setup>(
  options: WorkerPoolOptions<Setup>,
  createHandler: HandlerFactory<Setup, Job, Result>,
): WorkerPool<Job, Result> {
  const executor: Executor<Job, Result> =
    options.workers === 0 ? new InlineExecutor(options.setup, createHandler) : new Threads(options);
  const stop = (): void => {
    void executor.end(new InterruptedError());
  };
  options.signal?.addEventListener('abort', stop, { once: true });
  if (options.signal?.aborted === true) {
    stop();
  }
  return {
    run: (job, transfer = []) => executor.run(job, transfer),
    ordered: (jobs, run = (job) => executor.run(job, [])) =>
      ordered(run, jobs, Math.max(1, options.workers * JOBS_PER_WORKER)),
    async close() {
      options.signal?.removeEventListener('abort', stop);
      await executor.end(new InterruptedError('the work was ended'));
    },
  };
}

async function* ordered<Job, Result>(
  run: (job: Job) => Promise<Result>,
  jobs: Iterable<Job> | AsyncIterable<Job>,
  limit: number,
): AsyncGenerator<Result, void, undefined> {
  const running: Promise<Result>[] = [];
  for await (const job of jobs) {
    const result = run(job);
    // Whoever waits for an earlier result, or for none any more, must not be ended by this one's error.
    result.catch(() => undefined);
    running.push(result);
    if (running.length >= limit) {
      yield* firstOf(running);
    }
  }
  while (running.length > 0) {
    yield* firstOf(running);
  }
}

async function* firstOf<Result>(running: Promise<Result>[]): AsyncGenerator<Result, void, undefined> {
  const first = running.shift();
  if (first !== undefined) {
    yield await first;
  }
}

interface Executor<Job, Result> {
  run(job: Job, transfer: ArrayBuffer[]): Promise<Result>;
  /** Rejects what is under way, and everything from now on, with this error. */
  end(reason: Error): Promise<void>;
}

class InlineExecutor<Setup, Job, Result> implements Executor<Job, Result> {
  readonly #loadHandler: () => Promise<JobHandler<Job, Result>>;
  #handler: Promise<JobHandler<Job, Result>> | undefined;
  #ended: Error | undefined;

  constructor(setup: Setup, createHandler: HandlerFactory<Setup, Job, Result>) {
    this.#loadHandler = async () => createHandler(setup);
  }

  async run(job: Job): Promise<Result> {
    this.#handler ??= this.#loadHandler();
    const handle = await this.#handler;
    // Lets signals and timers be heard.
    await setImmediate();
    if (this.#ended !== undefined) {
      throw this.#ended;
    }
    return handle(job);
  }

  async end(reason: Error): Promise<void> {
    this.#ended ??= reason;
  }
}

interface WaitingJob<Job, Result> {
  readonly job: Job;
  readonly transfer: ArrayBuffer[];
  readonly resolve: (result: Result) => void;
  readonly reject: (error: Error) => void;
}

interface Thread<Job, Result> {
  readonly number: number;
  readonly worker: Worker;
  current: WaitingJob<Job, Result> | undefined;
}

class Threads<Job, Result, Setup> implements Executor<Job, Result> {
  readonly #most: number;
  readonly #threads: Thread<Job, Result>[];
  readonly #waiting: WaitingJob<Job, Result>[] = [];
  readonly #startWorker: (thread: number) => Worker;
  #lostInARow = 0;
  #ended: Error | undefined;

  constructor({ workers, service, url, program, setup }: WorkerPoolOptions<Setup>) {
    // Options of the main thread, such as --input-type, are not meant for the module of the workers.
    const options = { execArgv: [], resourceLimits: RESOURCE_LIMITS, eval: program !== undefined };
    this.#startWorker = (thread) => {
      const workerData: PoolData<Setup> = { pool: POOL_MARK, service, setup, thread };
      return new Worker(program ?? url, { ...options, workerData });
    };
    this.#most = workers;
    // It loads its modules while others list what is to be done. A small queue is done by it alone.
    this.#threads = [this.#start(0)];
  }

  #start(number: number): Thread<Job, Result> {
    const worker = this.#startWorker(number);
    const thread: Thread<Job, Result> = { number, worker, current: undefined };
    let reason: string | undefined;
    worker.on('message', (answer: Answer<Result>) => this.#answered(thread, answer));
    worker.on('error', (error) => {
      reason = error instanceof Error ? error.message : String(error);
    });
    worker.on('exit', (status) => this.#replace(thread, reason ?? `status ${status}`));
    return thread;
  }

  /** A thread has ended: its job fails, and another takes its place. */
  #replace(thread: Thread<Job, Result>, reason: string): void {
    if (this.#ended !== undefined) {
      return;
    }
    const lost = new ThreadLostError(reason);
    this.#lostInARow += 1;
    if (this.#lostInARow > LOST_MAXIMUM) {
      void this.end(lost);
      return;
    }
    const replacement = this.#start(thread.number);
    this.#threads[thread.number] = replacement;
    thread.current?.reject(lost);
    this.#next(replacement);
  }

  run(job: Job, transfer: ArrayBuffer[]): Promise<Result> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) {
        reject(this.#ended);
        return;
      }
      this.#waiting.push({ job, transfer, resolve, reject });
      const idle = this.#threads.find((thread) => thread.current === undefined) ?? this.#another();
      if (idle !== undefined) {
        this.#next(idle);
      }
    });
  }

  /** One more thread: to start it takes a tenth of a second of processor time, so it is started once there is a job for it. */
  #another(): Thread<Job, Result> | undefined {
    if (this.#threads.length === this.#most) {
      return undefined;
    }
    const thread = this.#start(this.#threads.length);
    this.#threads.push(thread);
    return thread;
  }

  #next(thread: Thread<Job, Result>): void {
    const next = this.#waiting.shift();
    thread.current = next;
    if (next !== undefined) {
      thread.worker.postMessage(next.job, next.transfer);
    }
  }

  #answered(thread: Thread<Job, Result>, answer: Answer<Result>): void {
    const done = thread.current;
    this.#lostInARow = 0;
    this.#next(thread);
    if (answer.kind === 'result') {
      done?.resolve(answer.result);
    } else {
      done?.reject(decodeError(answer.error));
    }
  }

  async end(reason: Error): Promise<void> {
    this.#ended ??= reason;
    const current = this.#threads.flatMap((thread) => (thread.current === undefined ? [] : [thread.current]));
    for (const job of [...current, ...this.#waiting.splice(0)]) {
      job.reject(this.#ended);
    }
    await Promise.all(this.#threads.map((thread) => thread.worker.terminate()));
  }
}
