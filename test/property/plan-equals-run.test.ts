/**
 * What a dry run tells is what the restore then does, message for message: for archives of sample queues, targets that hold
 * some of it already, and options at random.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  backup,
  list,
  type MessageMapping,
  type RestoreOptions,
  type RestoreReport,
  restore,
} from '../../src/index.ts';
import { makeEmptyQueue, makeSampleQueue } from '../support/queue/sample-queue.ts';
import { runs } from './runs.ts';

const OVERRIDES = {
  mail_owner: 'root',
  hash_queue_names: 'deferred, defer',
  hash_queue_depth: '1',
  enable_long_queue_ids: 'no',
};
const QUEUES = ['maildrop', 'incoming', 'active', 'deferred', 'hold', 'corrupt', 'saved'] as const;

const scratch = mkdtempSync(join(tmpdir(), 'postsnap-plan-'));
const archive = join(scratch, 'archive');
let ids: string[] = [];
let number = 0;

beforeAll(async () => {
  const queueDirectory = makeSampleQueue(join(scratch, 'source'));
  await backup({ archive, queueDirectory, overrides: OVERRIDES, workers: 0 });
  const seen = new Set<string>();
  await list({ archive, onMessage: ({ queue_id }) => seen.add(queue_id) });
  ids = [...seen];
  expect(ids.length).toBeGreaterThan(10);
});

afterAll(() => {
  rmSync(scratch, { recursive: true });
});

type Choice = Pick<
  RestoreOptions,
  'into' | 'queues' | 'selection' | 'includeLeft' | 'releaseHeld' | 'again' | 'retryNow'
>;

const overrides = fc.record({
  message_size_limit: fc.constantFrom('0', '1000', '1200', '10240000'),
  hopcount_limit: fc.constantFrom('1', '2', '50'),
  line_length_limit: fc.constantFrom('512', '2048'),
  enable_long_queue_ids: fc.constantFrom('yes', 'no'),
  always_bcc: fc.constantFrom('', 'archive@example.com'),
  maximal_queue_lifetime: fc.constantFrom('1h', '36500d'),
});

const choice: fc.Arbitrary<Choice> = fc
  .record({
    into: fc.constantFrom('queues' as const, 'maildrop' as const, 'hold' as const),
    queues: fc.option(fc.subarray([...QUEUES], { minLength: 1 }), { nil: undefined }),
    ids: fc.option(fc.array(fc.nat(50), { minLength: 1, maxLength: 8 }), { nil: undefined }),
    larger: fc.option(fc.constantFrom(0, 300, 1000), { nil: undefined }),
    includeLeft: fc.boolean(),
    releaseHeld: fc.boolean(),
    again: fc.boolean(),
    retryNow: fc.boolean(),
  })
  .map(({ queues, ids: places, larger, ...options }) => ({
    ...options,
    ...(queues === undefined ? {} : { queues }),
    selection: {
      only: {
        ...(places === undefined ? {} : { ids: places.map((at) => ids[at % ids.length] ?? '') }),
        ...(larger === undefined ? {} : { larger }),
      },
    },
  }));

interface Outcome {
  readonly report: RestoreReport;
  readonly mappings: readonly MessageMapping[];
}

async function run(options: Omit<RestoreOptions, 'archive' | 'workers'>): Promise<Outcome> {
  const mappings: MessageMapping[] = [];
  const onMapping = (mapping: MessageMapping): void => {
    // A dry run has no new ID to tell.
    mappings.push({ ...mapping, new_queue_id: null });
  };
  const report = await restore({ ...options, archive, workers: 0, onMapping });
  const key = ({ queue_name, queue_id }: MessageMapping): string => `${queue_name}/${queue_id}`;
  return { report, mappings: mappings.sort((one, other) => (key(one) < key(other) ? -1 : 1)) };
}

/** Room and places of the target change by themselves; a dry run says of itself what it is. */
function lasting({ report, mappings }: Outcome): object {
  const { room: _, dry_run, proven, ...rest } = report;
  return { rest, mappings, told: [typeof dry_run, typeof proven] };
}

it('a plan is what the run then does, and so is that of the catalogue alone', async () => {
  await fc.assert(
    fc.asyncProperty(choice, choice, overrides, async (before, then, parameters) => {
      number += 1;
      const queueDirectory = makeEmptyQueue(join(scratch, `target${number}`));
      const target = { queueDirectory, overrides: { ...OVERRIDES, ...parameters } };
      for (const options of [before, then]) {
        const dry = await run({ ...target, ...options, dryRun: true });
        const quick = await run({ ...target, ...options, dryRun: true, quick: true });
        const real = await run({ ...target, ...options });
        expect(lasting(dry)).toEqual(lasting(real));
        expect(lasting(quick)).toEqual(lasting(real));
        const restored = dry.report.routes.reduce((sum, { messages }) => sum + messages, 0);
        expect(restored).toBe(real.report.restored);
      }
      rmSync(queueDirectory, { recursive: true });
    }),
    { numRuns: runs(15) },
  );
}, 300_000);
