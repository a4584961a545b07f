/** An archive is staged by threads, or in this one: here its runs are proven, in their order. */

import { expect, it, onTestFinished } from 'vitest';
import { InterruptedError } from '../../../src/errors.ts';
import type { StageJob } from '../../../src/restore/stage-job.ts';
import { openStagePool, type StagePoolOptions } from '../../../src/restore/stage-pool.ts';
import { requestFor, sampleArchive } from '../../support/restore/world.ts';

const THREADS = { program: undefined, rights: undefined };

async function poolOf(changes: Partial<StagePoolOptions> = {}) {
  const { archive } = await requestFor(await sampleArchive());
  const pool = await openStagePool(archive, { workers: 0, limits: {}, threads: THREADS, ...changes });
  onTestFinished(() => pool.close());
  const jobs = [...archive.runs()].map(
    ({ frames, lines }): StageJob => ({
      run: { frames, lines },
      items: lines.map((line, index) =>
        line.kind === 'log' ? undefined : { index, kind: 'message', destination: line.queue_name, mtimeNs: 0n },
      ),
      nowNs: 0n,
    }),
  );
  return { pool, jobs };
}

it('proves each file of the archive, and stages what is wanted', { timeout: 30_000 }, async () => {
  const { pool, jobs } = await poolOf();
  const kinds: string[] = [];
  for await (const outcomes of pool.ordered(jobs)) {
    kinds.push(...outcomes.map(({ kind }) => kind));
  }
  expect(jobs.flatMap(({ run }) => run.lines.map(({ queue_name }) => queue_name)).sort()).toEqual([
    'bounce',
    'deferred',
    'hold',
  ]);
  expect(kinds.sort()).toEqual(['staged', 'staged', 'unwanted']);
});

it('is not opened where the work was interrupted', { timeout: 30_000 }, async () => {
  await expect(poolOf({ signal: AbortSignal.abort() })).rejects.toBeInstanceOf(InterruptedError);
});
