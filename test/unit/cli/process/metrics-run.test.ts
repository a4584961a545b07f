/** Metrics are written however a run ends, and a failure to write them hides no other. */

import { expect, it } from 'vitest';
import { DONE, exitStatusOf, IO_ERROR, LEFT_OUT, USAGE } from '../../../../src/cli/process/exit-status.ts';
import { writingMetrics } from '../../../../src/cli/process/metrics-run.ts';
import { OperatorError, SystemError } from '../../../../src/errors.ts';

const NO_ROOM = new SystemError('io', "can't write the metrics", { errno: 'ENOSPC' });

async function run(work: () => Promise<number>, write = (): void => undefined) {
  const warnings: string[] = [];
  const statuses: number[] = [];
  const ended = await writingMetrics(
    async ({ exitStatus }) => {
      statuses.push(exitStatus);
      write();
    },
    { aside: (text) => void warnings.push(text), statusOf: exitStatusOf },
    work,
  ).catch((error: unknown) => error);
  return { ended, statuses, warnings };
}

function fail(error: Error): never {
  throw error;
}

it.each([DONE, LEFT_OUT, IO_ERROR])('are written of a run that ends in %i', async (status) => {
  expect(await run(async () => status)).toEqual({ ended: status, statuses: [status], warnings: [] });
});

it('are written of a run that fails, which still fails so', async () => {
  const error = new OperatorError('usage', 'no such thing');
  expect(await run(async () => fail(error))).toEqual({ ended: error, statuses: [USAGE], warnings: [] });
});

it.each([
  [DONE, LEFT_OUT],
  [IO_ERROR, IO_ERROR],
])('that can not be written make of %i a %i, and a warning', async (status, ended) => {
  const outcome = await run(
    async () => status,
    () => fail(NO_ROOM),
  );
  expect(outcome).toEqual({ ended, statuses: [status], warnings: [NO_ROOM.message] });
});

it('that can not be written hide no failure', async () => {
  const error = new OperatorError('usage', 'no such thing');
  expect(
    (
      await run(
        async () => fail(error),
        () => fail(NO_ROOM),
      )
    ).ended,
  ).toBe(error);
});
