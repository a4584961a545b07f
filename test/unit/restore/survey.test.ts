/** What is known of a target before a plan is made. */

import { expect, it } from 'vitest';
import type { CatalogueLine, MessageLine } from '../../../src/format/catalogue-line.ts';
import { mayChangeSenders, soughtOf, survey } from '../../../src/restore/survey.ts';
import { messageLine } from '../../support/archive/catalogue-message.ts';
import { put } from '../../support/queue/queue-directory.ts';
import { fixture, makeTarget, requestFor, sampleArchive, workOn } from '../../support/restore/world.ts';

const messagesOf = (lines: Iterable<CatalogueLine>): MessageLine[] =>
  [...lines].filter((line): line is MessageLine => line.kind === 'message');

it('finds a message of the archive in the target, under another name too', async () => {
  const { surroundings, queueDirectory } = makeTarget();
  put(queueDirectory, 'incoming/0F1BC210499', { content: fixture('always-bcc.queue') });
  const request = await requestFor(await sampleArchive());
  const { state, restoredBefore, finished } = await survey(surroundings, request);
  const [deferred, held] = messagesOf(request.archive.catalogue());
  expect(held === undefined ? undefined : state.find(soughtOf(held))).toEqual({
    queueName: 'incoming',
    queueId: '0F1BC210499',
  });
  expect(deferred === undefined ? 'none' : state.find(soughtOf(deferred))).toBeUndefined();
  expect([held === undefined ? 'none' : restoredBefore(held), finished.size]).toEqual([undefined, 0]);
});

it('knows what a restore before has put there, by its receipt', async () => {
  const target = makeTarget();
  const request = await requestFor(await sampleArchive());
  await workOn(target, request);
  const { restoredBefore } = await survey(target.surroundings, request);
  expect(messagesOf(request.archive.catalogue()).map((line) => restoredBefore(line) !== undefined)).toEqual([
    true,
    true,
  ]);
});

it('takes canonical maps, of the source or the target, for what may change senders', async () => {
  const { surroundings } = makeTarget();
  const { archive } = await requestFor(await sampleArchive());
  expect(mayChangeSenders(surroundings, { archive })).toBe(false);
  const header = { ...archive.header, parameters: { sender_canonical_maps: 'hash:/etc/postfix/sender' } };
  expect(mayChangeSenders(surroundings, { archive: { ...archive, header } })).toBe(true);
});

it('looks for a message by what the catalogue says of it', () => {
  const line = messageLine({ queue_name: 'hold', submission: 'a'.repeat(64), origin: null, sender: 'a@example.com' });
  expect(soughtOf(line)).toEqual({
    queueName: 'hold',
    fingerprint: line.fingerprint,
    submission: 'a'.repeat(64),
    origin: null,
    sender: 'a@example.com',
  });
});
