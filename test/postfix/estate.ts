/** A mail queue with all that a mail queue may hold, made by a real Postfix, at rest. */

import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { createInstance, type PostfixInstance } from '../support/postfix/instance.ts';
import { type Milter, startMilter } from '../support/postfix/milter.ts';
import { freePort } from '../support/postfix/ports.ts';
import { type SmtpSink, startSink } from '../support/postfix/sink.ts';
import { ANSWERS, ESTATE, type EstateState, LATE_ANSWERS, marked } from './estate-messages.ts';
import { letter } from './fixture-messages.ts';

const NOBODY = 65_534;

/** What ordinary users submitted, and pickup has not seen: it is for non_smtpd_milters yet. */
export const SUBMITTED: Readonly<Record<string, readonly string[]>> = {
  submitted: ['bob@example.org', 'carol@example.org'],
  'submitted-by-header': ['bob@example.org'],
};

/** The queue ID of each message by its X-Test-Id; without those that are in maildrop, which have new ones. */
export type QueueIds = ReadonlyMap<string, string>;

/** Fills the queue of an instance that is new, and leaves it stopped. */
export async function fillEstate(postfix: PostfixInstance, milter: Milter): Promise<QueueIds> {
  await postfix.start();
  const queueIds = await submitEstate(postfix, milter);
  const sink = await startSink({ port: postfix.relayPort, defaultAnswer: '450', answers: ANSWERS });
  try {
    await attempts(postfix, sink);
  } finally {
    await sink.close();
  }
  await postfix.stop();
  await arrange(postfix, queueIds);
  await submitAsUser(postfix);
  return queueIds;
}

/** The parameters that an instance needs to be filled. */
export async function withEstateMilter<Result>(
  parameters: Readonly<Record<string, string>>,
  use: (postfix: PostfixInstance, milter: Milter) => Promise<Result>,
): Promise<Result> {
  const port = await freePort();
  const milter = await startMilter(port);
  try {
    const milters = { smtpd_milters: `inet:127.0.0.1:${port}`, milter_default_action: 'tempfail' };
    return await use(await createInstance({ parameters: { ...milters, ...parameters } }), milter);
  } finally {
    await milter.close();
  }
}

async function submitEstate(postfix: PostfixInstance, milter: Milter): Promise<Map<string, string>> {
  const queueIds = new Map<string, string>();
  for (const isEdited of [false, true]) {
    milter.edits = isEdited
      ? [
          { kind: 'replace-body', body: 'A rather longer text than it was.\n'.repeat(20) },
          { kind: 'insert-header', index: 1, name: 'X-Edited', value: 'by a milter' },
          { kind: 'add-recipient', address: 'added@example.net' },
          { kind: 'delete-recipient', address: 'bob@example.org' },
        ]
      : [];
    const messages = ESTATE.filter(({ state }) => (state === 'edited') === isEdited);
    const ids = await postfix.submitAll(messages.map(({ message }) => message));
    for (const [index, { id }] of messages.entries()) {
      queueIds.set(id, ids[index] ?? '');
    }
  }
  await allDeferred(postfix);
  return queueIds;
}

async function allDeferred(postfix: PostfixInstance): Promise<void> {
  await postfix.waitFor(
    () => postfix.queueFiles().every(({ queueName }) => !['maildrop', 'incoming', 'active'].includes(queueName)),
    'the attempts to end',
  );
}

/** One that is partly done and told of, then notices that can't be made, since there is no cleanup(8). */
async function attempts(postfix: PostfixInstance, sink: SmtpSink): Promise<void> {
  await postfix.flush();
  await postfix.waitFor(
    () => sink.count('has-it@example.org') === 1 && sink.count('partly@example.com') === 1,
    'a delivery and a notice',
  );
  await allDeferred(postfix);
  postfix.setService('cleanup', false);
  await postfix.reload();
  for (const [recipient, answer] of Object.entries(LATE_ANSWERS)) {
    sink.setAnswer(recipient, answer);
  }
  await postfix.flush();
  const hasLog = (queue: string): boolean => postfix.queueFiles().some(({ queueName }) => queueName === queue);
  await postfix.waitFor(() => hasLog('bounce') && hasLog('trace'), 'notices that are still to be made');
  await allDeferred(postfix);
  postfix.setService('cleanup', true);
}

/** What an administrator, or a loss of power, does to a queue. */
async function arrange(postfix: PostfixInstance, queueIds: Map<string, string>): Promise<void> {
  const idsOf = (state: EstateState): string[] =>
    ESTATE.filter((message) => message.state === state).map(({ id }) => queueIds.get(id) ?? '');
  for (const queueName of ['active', 'incoming'] as const) {
    for (const id of idsOf(queueName)) {
      const file = postfix.filesOf(id).find((candidate) => candidate.queueName === 'deferred');
      renameSync(join(postfix.queueDirectory, file?.path ?? ''), join(postfix.queueDirectory, queueName, id));
    }
  }
  for (const [option, state] of [
    ['-h', 'held'],
    ['-e', 'expired'],
    ['-r', 'requeued'],
  ] as const) {
    for (const id of idsOf(state)) {
      await postfix.postsuper(option, id);
    }
  }
  for (const { id, state } of ESTATE) {
    if (state === 'requeued') {
      queueIds.delete(id);
    }
  }
}

async function submitAsUser(postfix: PostfixInstance): Promise<void> {
  const user = { uid: NOBODY, gid: postfix.queueGroup() };
  for (const [id, to] of Object.entries(SUBMITTED)) {
    const text = marked(id, letter({ subject: 'From a user', to: to.join(', '), body: 'Größe, 8 Bit.' }));
    const recipients = id === 'submitted-by-header' ? ['-t'] : to;
    await postfix.submitSendmail(['-i', '-f', `${id}@example.com`, ...recipients], text, user);
  }
}
