/** A small queue at rest, made by a real Postfix in about a second: some deferred, held, submitted and requeued mail. */

import { marked, small } from '../../postfix/estate-messages.ts';
import { letter } from '../../postfix/fixture-messages.ts';
import type { PostfixInstance } from './instance.ts';

export const NOBODY = 65_534;

/** The messages by X-Test-Id, with the queue that they are in. */
export const SMALL_QUEUE = {
  'deferred-a': 'deferred',
  'deferred-b': 'deferred',
  held: 'hold',
  requeued: 'maildrop',
  submitted: 'maildrop',
} as const;

/** Fills a queue, and leaves Postfix stopped. */
export async function fillSmallQueue(postfix: PostfixInstance): Promise<void> {
  await postfix.start();
  const bySmtp = ['deferred-a', 'deferred-b', 'held', 'requeued'];
  const queueIds = await submitDeferred(postfix, bySmtp);
  await postfix.stop();
  await postfix.postsuper('-h', queueIds[bySmtp.indexOf('held')] ?? '');
  await postfix.postsuper('-r', queueIds[bySmtp.indexOf('requeued')] ?? '');
  await submitAsUser(postfix);
}

/** Has an ordinary user submit one message; without Postfix running, it stays in maildrop. */
export async function submitAsUser(postfix: PostfixInstance): Promise<void> {
  const user = { uid: NOBODY, gid: postfix.queueGroup() };
  const text = marked('submitted', letter({ subject: 'Submitted', body: 'By a user.' }));
  await postfix.submitSendmail(['-i', '-f', 'user@example.com', 'bob@example.org'], text, user);
}

/** Submits small messages, and waits until their first attempt is over. */
export async function submitDeferred(postfix: PostfixInstance, ids: readonly string[]): Promise<string[]> {
  const queueIds = await postfix.submitAll(ids.map((id) => small(id)));
  await postfix.waitFor(
    () => queueIds.every((id) => postfix.queuesOf(id).join() === 'defer,deferred'),
    'mail to be deferred',
  );
  return queueIds;
}

/** What the sink got of the messages, each with how often. */
export function countsOf(ids: readonly string[], times: number): Map<string, number> {
  return new Map(ids.map((id) => [`${id} bob@example.org`, times]));
}
