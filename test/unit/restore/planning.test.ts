/** From what is asked for and what the target holds to a plan. */

import { rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { OperatorError } from '../../../src/errors.ts';
import { beginPlan, checkPlan, outsetOf } from '../../../src/restore/planning.ts';
import { survey } from '../../../src/restore/survey.ts';
import { put } from '../../support/queue/queue-directory.ts';
import { fixture, makeTarget, requestFor, sampleArchive } from '../../support/restore/world.ts';

it('plans every message to its queue, and the log with it', async () => {
  const { surroundings } = makeTarget();
  const request = await requestFor(await sampleArchive());
  const surveyed = await survey(surroundings, request);
  const plan = beginPlan(surroundings, request, { surveyed, since: undefined }).finish();
  expect(Object.fromEntries(plan.outlook.queues)).toEqual({ deferred: 1, bounce: 1, hold: 1 });
  expect([...plan.decisions()].map(({ kind }) => kind)).toEqual(['restore', 'restore']);
});

it('takes queues and route from what was asked', async () => {
  const { surroundings } = makeTarget();
  const request = await requestFor(await sampleArchive(), { queues: ['hold'], into: 'maildrop', releaseHeld: true });
  const surveyed = await survey(surroundings, request);
  const plan = beginPlan(surroundings, request, { surveyed, since: undefined }).finish();
  expect([...plan.decisions()]).toMatchObject([
    { kind: 'omit', action: 'not_selected', reason: { code: 'queue-not-named', queue: 'deferred' } },
    { kind: 'restore', destination: 'maildrop' },
  ]);
});

it('tells whose archive it is, and what stands in the target, before anything is done', async () => {
  const { surroundings, queueDirectory } = makeTarget({ running: undefined });
  put(queueDirectory, 'hold/072AE210465', { content: fixture('always-bcc.queue') });
  const request = await requestFor(await sampleArchive());
  const surveyed = await survey(surroundings, request);
  const plan = beginPlan(surroundings, request, { surveyed, since: undefined }).finish();
  expect(outsetOf(surroundings, request, { plan, surveyed, since: undefined })).toMatchObject({
    archive: { instance: '-', source: 'queue', messages: 2, finished: expect.stringMatching(/^\d{4}-/u) },
    target: { queue_directory: queueDirectory, running: null, messages: 1 },
    log: null,
  });
});

it('refuses a target that lacks a queue of the plan, and no other', async () => {
  const { surroundings, queueDirectory } = makeTarget();
  const request = await requestFor(await sampleArchive());
  const surveyed = await survey(surroundings, request);
  const plan = beginPlan(surroundings, request, { surveyed, since: undefined }).finish();
  const { room } = outsetOf(surroundings, request, { plan, surveyed, since: undefined });
  rmdirSync(join(queueDirectory, 'saved'));
  expect(() => checkPlan(surroundings, { plan, room })).not.toThrow();
  rmdirSync(join(queueDirectory, 'bounce'));
  expect(() => checkPlan(surroundings, { plan, room })).toThrow(OperatorError);
});
