import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  ArchiveError,
  BusyError,
  InterruptedError,
  OperatorError,
  PostsnapError,
  SystemError,
} from '../../../src/errors.ts';
import { decodeError, encodeError } from '../../../src/worker/plain-error.ts';
import { createWorkerPool, serveJobs, ThreadLostError, type WorkerPool } from '../../../src/worker/pool.ts';

vi.setConfig({ testTimeout: 60_000 });

interface Job {
  readonly kind?: 'die' | 'throw' | 'hang' | 'fail';
  readonly value?: number;
  readonly milliseconds?: number;
}

interface Setup {
  readonly prefix: string;
}

const URL_OF_WORKER = new URL('./pool-worker.js', import.meta.url);

async function handlerOf({ prefix }: Setup): Promise<(job: Job) => Promise<string>> {
  return async (job) => {
    if (job.kind === 'fail') {
      throw new ArchiveError('hostile', 'no', { path: '/a', nextStep: 'Look.' });
    }
    await wait(job.milliseconds ?? 0);
    return `${prefix}${job.value}`;
  };
}

function pool(workers: number, signal?: AbortSignal): WorkerPool<Job, string> {
  const created = createWorkerPool(
    { workers, service: 'test', url: URL_OF_WORKER, setup: { prefix: 'p' }, signal },
    handlerOf,
  );
  onTestFinished(() => created.close());
  return created;
}

async function collect(results: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const result of results) {
    all.push(result);
  }
  return all;
}

describe.each([0, 1, 3])('with %i workers', (workers) => {
  test('results come in the order of the jobs, however long each takes', async () => {
    const jobs = Array.from({ length: 30 }, (_, value) => ({ value, milliseconds: (value * 7) % 11 }));
    const expected = jobs.map(({ value }) => `p${value}`);
    expect(await collect(pool(workers).ordered(jobs))).toEqual(expected);
  });

  test('few jobs are taken ahead of the result that is waited for', async () => {
    let taken = 0;
    let done = 0;
    let most = 0;
    function* jobs(): Generator<Job> {
      for (let value = 0; value < 50; value += 1) {
        taken += 1;
        most = Math.max(most, taken - done);
        yield { value };
      }
    }
    for await (const result of pool(workers).ordered(jobs())) {
      expect(result).toBe(`p${done}`);
      done += 1;
    }
    expect(done).toBe(50);
    expect(most).toBeLessThanOrEqual(Math.max(1, workers * 2) + 1);
  });

  test('an error keeps its class, its code and its words', async () => {
    const failed = pool(workers).run({ kind: 'fail' });
    await expect(failed).rejects.toBeInstanceOf(ArchiveError);
    await expect(failed).rejects.toMatchObject({ code: 'hostile', message: 'no', path: '/a', nextStep: 'Look.' });
  });

  test('an error ends the results where it occurred, and the rest is let go', async () => {
    const created = pool(workers);
    const results = created.ordered([{ value: 0 }, { kind: 'fail' }, { kind: 'fail' }, { value: 3 }]);
    expect(await results.next()).toEqual({ done: false, value: 'p0' });
    await expect(results.next()).rejects.toMatchObject({ code: 'hostile' });
    await created.close();
    await wait(10);
  });

  test('a signal ends what is pending and what comes later', async () => {
    const controller = new AbortController();
    const created = pool(workers, controller.signal);
    const results = created.ordered([{ value: 0 }, { value: 1, milliseconds: workers === 0 ? 0 : 5000 }, { value: 2 }]);
    expect(await results.next()).toMatchObject({ value: 'p0' });
    controller.abort();
    await expect(results.next()).rejects.toBeInstanceOf(InterruptedError);
    await expect(created.run({ value: 3 })).rejects.toBeInstanceOf(InterruptedError);
  });

  test('a signal that was given before lets nothing begin', async () => {
    await expect(pool(workers, AbortSignal.abort()).run({ value: 1 })).rejects.toBeInstanceOf(InterruptedError);
  });

  test('what a failing source of jobs throws comes through', async () => {
    function* jobs(): Generator<Job> {
      yield { value: 0 };
      throw new ArchiveError('damaged', 'the source');
    }
    await expect(collect(pool(workers).ordered(jobs()))).rejects.toMatchObject({ message: 'the source' });
  });
});

test('a further thread is started once there is a job for it', async () => {
  let started = 0;
  const count = (): void => {
    started += 1;
  };
  process.on('worker', count);
  onTestFinished(() => {
    process.off('worker', count);
  });
  const created = pool(3);
  await created.run({ value: 1 });
  await created.run({ value: 2 });
  expect(started).toBe(1);
  const jobs = Array.from({ length: 9 }, (_, value) => ({ value, milliseconds: 1 }));
  expect(await collect(created.ordered(jobs))).toEqual(jobs.map(({ value }) => `p${value}`));
  expect(started).toBe(3);
});

describe('a worker that ends', () => {
  test.each(['die', 'throw'] as const)('by %s costs its job, and another takes its place', async (kind) => {
    const created = pool(2);
    const hanging = created.run({ kind: 'hang' });
    hanging.catch(() => undefined);
    const lost = created.run({ kind });
    await expect(lost).rejects.toBeInstanceOf(ThreadLostError);
    await expect(lost).rejects.toThrow(kind === 'die' ? 'status 3' : 'thrown in a worker');
    expect(await Promise.all([1, 2, 3].map((value) => created.run({ value })))).toEqual(['p1', 'p2', 'p3']);
    await created.close();
    await expect(hanging).rejects.toBeInstanceOf(InterruptedError);
  });

  test('again and again ends the work, and not in silence', async () => {
    const created = pool(1);
    for (let lost = 0; lost < 11; lost += 1) {
      await expect(created.run({ kind: 'die' })).rejects.toBeInstanceOf(ThreadLostError);
    }
    await expect(created.run({ value: 1 })).rejects.toBeInstanceOf(ThreadLostError);
  });

  test('can be made up for, job by job', async () => {
    const created = pool(2);
    const run = async (job: Job): Promise<string> => {
      try {
        return await created.run(job);
      } catch (error) {
        expect(error).toBeInstanceOf(ThreadLostError);
        return 'lost';
      }
    };
    const jobs: Job[] = [{ value: 0 }, { kind: 'die' }, { value: 2 }, { kind: 'throw' }, { value: 4 }];
    expect(await collect(created.ordered(jobs, run))).toEqual(['p0', 'lost', 'p2', 'lost', 'p4']);
  });
});

test('jobs that hang do not keep a closed pool', async () => {
  const created = pool(1);
  const hanging = created.run({ kind: 'hang' });
  hanging.catch(() => undefined);
  await created.close();
  await expect(hanging).rejects.toBeInstanceOf(InterruptedError);
});

test('a module that serves jobs does nothing outside of a pool', () => {
  expect(serveJobs('test', handlerOf)).toBeUndefined();
});

const DETAILS = { path: '/a', nextStep: 'Look.' };
const ERRORS: readonly PostsnapError[] = [
  new ArchiveError('unknown-version', 'm', DETAILS),
  new OperatorError('not-found', 'm', DETAILS),
  new BusyError('locked', 'm', DETAILS),
  new SystemError('io', 'm', { ...DETAILS, errno: 'ENOSPC' }),
  new InterruptedError('m', DETAILS),
];

test.each(ERRORS.map((error) => ({ name: error.name, error })))('$name goes through a clone', ({ error }) => {
  const decoded = decodeError(structuredClone(encodeError(error)));
  expect(decoded.constructor).toBe(error.constructor);
  for (const member of ['name', 'message', 'code', 'path', 'nextStep', 'errno']) {
    expect(Reflect.get(decoded, member)).toBe(Reflect.get(error, member));
  }
});

test('a bug stays one, with its stack', () => {
  const bug = new TypeError('oops');
  const decoded = decodeError(structuredClone(encodeError(bug)));
  expect(decoded).not.toBeInstanceOf(PostsnapError);
  expect(decoded).toMatchObject({ name: 'TypeError', message: 'oops', stack: bug.stack });
  expect(decodeError(encodeError('text')).message).toBe('text');
});
