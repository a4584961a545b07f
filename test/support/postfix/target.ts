/** A queue that holds mail of its own, to restore into; and what is delivered from it after that. */

import { expect } from 'vitest';
import { SUBMITTED } from '../../postfix/estate.ts';
import { ESTATE, type EstateState, small } from '../../postfix/estate-messages.ts';
import { createInstance, type PostfixInstance } from './instance.ts';
import { type Milter, startMilter } from './milter.ts';
import { freePort } from './ports.ts';
import { type SmtpSink, startSink } from './sink.ts';

const NOBODY = 65_534;
const BOB = 'bob@example.org';

/** What the target has before; the value tells whether it is on hold. */
const OWN: Readonly<Record<string, boolean>> = {
  'own-deferred': false,
  'own-deferred-too': false,
  'own-held': true,
  'own-submitted': false,
};

export interface Target {
  readonly postfix: PostfixInstance;
  /** Signs what pickup(8) takes, but not what was requeued. */
  readonly milter: Milter;
}

/** An instance that is stopped. */
export async function createTarget(parameters: Readonly<Record<string, string>>): Promise<Target> {
  const port = await freePort();
  const milter = await startMilter(port);
  milter.edits = [{ kind: 'add-header', name: 'X-Signed', value: 'yes' }];
  const postfix = await createInstance({
    parameters: { non_smtpd_milters: `inet:127.0.0.1:${port}`, milter_default_action: 'tempfail', ...parameters },
  });
  await postfix.start();
  const smtp = Object.keys(OWN).filter((id) => id !== 'own-submitted');
  const queueIds = await postfix.submitAll(smtp.map((id) => small(id)));
  await postfix.waitFor(
    () => queueIds.every((id) => postfix.queuesOf(id).join() === 'defer,deferred'),
    'mail of its own to be deferred',
  );
  await postfix.postsuper('-h', queueIds[smtp.indexOf('own-held')] ?? '');
  await postfix.stop();
  const user = { uid: NOBODY, gid: postfix.queueGroup() };
  await postfix.submitSendmail(['-i', '-f', 'own@example.com', BOB], small('own-submitted').data, user);
  expect(postfix.queueFiles()).toHaveLength(7);
  return { postfix, milter };
}

export async function disposeTarget({ postfix, milter }: Target): Promise<void> {
  await postfix.dispose();
  await milter.close();
}

/** Starts the target with a server that takes all, and waits until only what is held is left. */
export async function deliverAll(postfix: PostfixInstance, use: (sink: SmtpSink) => Promise<void>): Promise<void> {
  const sink = await startSink({ port: postfix.relayPort });
  try {
    await postfix.start();
    await emptied(postfix);
    await use(sink);
  } finally {
    await postfix.stop();
    await sink.close();
  }
}

/** Until nothing but held mail is left, with its logs, and defer logs of mail that pickup(8) gave another ID. */
export async function emptied(postfix: PostfixInstance): Promise<void> {
  let flushed = 0;
  await postfix.waitFor(
    async () => {
      // Again and again: what a reload found in the middle of its delivery is passed over for a minute (qmgr_active.c).
      if (Date.now() - flushed > 1_000) {
        await postfix.flush();
        flushed = Date.now();
      }
      const files = postfix.queueFiles();
      const held = new Set(files.filter(({ queueName }) => queueName === 'hold').map(({ name }) => name));
      return files.every(({ queueName, name }) => queueName === 'defer' || held.has(name));
    },
    'all that is not held to leave',
    { timeoutMs: 60_000 },
  );
}

export interface Expectation {
  /** Whether a message of the archive is delivered. */
  readonly delivers: (state: EstateState | 'submitted') => boolean;
  /** Whether mail that was to expire at once expires. */
  readonly expires: boolean;
  readonly own?: boolean;
}

/** Each recipient got each message once, and nobody got anything else; each notice that was due was sent, once. */
export function expectDelivered(sink: SmtpSink, { delivers, expires, own = true }: Expectation): void {
  const expected: string[] = [];
  const noticed: string[] = [];
  for (const { id, state, toDo, notice } of ESTATE.filter((message) => delivers(message.state))) {
    const isNoticed = notice !== undefined && (state !== 'expired' || expires);
    const to = state === 'expired' && !expires ? [BOB] : toDo;
    expected.push(...to.map((recipient) => `${id} ${recipient}`));
    noticed.push(...(isNoticed ? [`${id}@example.com`] : []));
  }
  const submitted = Object.entries(SUBMITTED).filter(() => delivers('submitted'));
  expected.push(...submitted.flatMap(([id, to]) => to.map((recipient) => `${id} ${recipient}`)));
  const ownIds = Object.keys(OWN).filter((id) => own && OWN[id] === false);
  expected.push(...ownIds.map((id) => `${id} ${BOB}`));
  const isMail = ({ id }: { readonly id: string }): boolean => KNOWN.has(id);
  const got = sink.deliveries.filter(isMail).map(({ id, recipient }) => `${id} ${recipient}`);
  expect(got.sort()).toEqual(expected.sort());
  const notices = sink.deliveries.filter((delivery) => !isMail(delivery));
  expect(notices.map(({ recipient }) => recipient).sort()).toEqual(noticed.sort());
  for (const { recipient, data } of notices) {
    const about = ESTATE.find(({ id }) => recipient === `${id}@example.com`);
    for (const named of about?.notice ?? []) {
      expect(data.toString('latin1')).toContain(`Final-Recipient: rfc822; ${named}`);
    }
  }
  expectSigned(sink);
}

const KNOWN: ReadonlySet<string> = new Set([
  ...ESTATE.map(({ id }) => id),
  ...Object.keys(SUBMITTED),
  ...Object.keys(OWN),
]);

/** Only what users submitted on this machine is for non_smtpd_milters, and not if it was requeued (pickup.c). */
function expectSigned(sink: SmtpSink): void {
  for (const { id, data } of sink.deliveries.filter((delivery) => KNOWN.has(delivery.id))) {
    const isSubmission = id in SUBMITTED || id === 'own-submitted';
    expect(data.toString('latin1').includes('\r\nX-Signed: yes\r\n'), id).toBe(isSubmission);
  }
}
