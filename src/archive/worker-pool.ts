/**
 * Runs jobs in worker threads, or in this thread where there are none: the same handler in both. The number of jobs in
 * flight is bounded, so memory does not grow with the number of jobs.
 */

export type JobHandler<Job, Result> = (job: Job) => Result | Promise<Result>;

export interface WorkerPoolOptions<Setup> {
  /** Worker threads; 0 runs the jobs in this thread. */
  readonly workers: number;
  /** The module of the workers: it calls serveJobs(). */
  readonly url: URL;
  /** Given to each worker's handler factory once. Structured-cloneable. */
  readonly setup: Setup;
  /** Stops all work: what is pending is rejected with an InterruptedError. */
  readonly signal?: AbortSignal | undefined;
}

export interface WorkerPool<Job, Result> {
  /** Hands a job to a worker that is free. Errors keep their class and code. */
  run(job: Job): Promise<Result>;
  /** The results in the order of the jobs; a few jobs a worker are taken ahead. */
  ordered(jobs: Iterable<Job> | AsyncIterable<Job>): AsyncGenerator<Result, void, undefined>;
  /** Ends the workers. */
  close(): Promise<void>;
}
