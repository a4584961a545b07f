import { it } from 'vitest';
import { runOrFail } from '../support/postfix/command.ts';
import { createInstance, type PostfixInstance } from '../support/postfix/instance.ts';
import { type Milter, startMilter } from '../support/postfix/milter.ts';
import { freePort } from '../support/postfix/ports.ts';
import { describeWithPostfix } from '../support/postfix/requirements.ts';
import { startSink } from '../support/postfix/sink.ts';
import type { SmtpMessage } from '../support/postfix/smtp-client.ts';
import { installedRelease, isPostfixBefore } from '../support/postfix/version.ts';
import { marked } from './estate-messages.ts';
import { DSN, letter, SMTPUTF8 } from './fixture-messages.ts';
import { saveVersionQueue, type VersionMessage } from './version-queue.ts';

const NOBODY = 65_534;
const BOB = 'bob@example.org';
const TLS_OPTIONAL = letter({ subject: 'TLS', body: 'As you like.', headers: ['TLS-Required: no'] });

/** X-Test-Id, of its own for each release. */
function named(id: string): string {
  return `${id}-${installedRelease()}`;
}

function text(subject: string): string {
  return letter({ subject, body: 'Some text.' });
}

function message(id: string, rest: Partial<SmtpMessage> = {}): SmtpMessage {
  const { data = text(id), ...others } = rest;
  return { from: `${id}@example.com`, to: [BOB], ...others, data: marked(named(id), data) };
}

/** By SMTP; all are deferred at first. */
const BY_SMTP: Readonly<Record<string, SmtpMessage>> = {
  plain: message('plain'),
  partly: message('partly', { to: ['has-it@example.org', BOB] }),
  dsn: message('dsn', { ...DSN, from: 'dsn@example.com' }),
  utf8: message('utf8', SMTPUTF8),
  // SMTPUTF8 was asked for, and would not be needed.
  'utf8-ascii': message('utf8-ascii', { smtputf8: true }),
  'tls-optional': message('tls-optional', { data: TLS_OPTIONAL }),
  held: message('held'),
  requeued: message('requeued'),
  'requeued-utf8': message('requeued-utf8', SMTPUTF8),
  'refused-partly': message('refused-partly', { to: ['refused@example.org', BOB] }),
};

/** By sendmail(1) of 3.11 alone: the options of one message. The first is picked up and deferred, the second stays. */
const BY_SENDMAIL: Readonly<Record<string, readonly string[]>> = {
  'requires-tls': ['-O', 'requiretls=yes'],
  'submitted-utf8': ['-O', 'smtputf8=yes'],
};

async function atRest(postfix: PostfixInstance): Promise<void> {
  await postfix.waitFor(
    () => postfix.queueFiles().every(({ queueName }) => !['maildrop', 'incoming', 'active'].includes(queueName)),
    'the attempts to end',
  );
}

async function submitAsUser(postfix: PostfixInstance, id: string, options: readonly string[] = []): Promise<void> {
  const user = { uid: NOBODY, gid: postfix.queueGroup() };
  await postfix.submitSendmail(['-i', '-f', `${id}@example.com`, ...options, BOB], marked(named(id), text(id)), user);
}

/** One recipient of one message has it, one of another is refused, and nobody can be told: there is no cleanup(8). */
async function deliverSome(postfix: PostfixInstance): Promise<void> {
  postfix.setService('cleanup', false);
  await postfix.reload();
  const answers = { 'has-it@example.org': '250', 'refused@example.org': '550' } as const;
  const sink = await startSink({ port: postfix.relayPort, defaultAnswer: '450', answers });
  await postfix.flush();
  await postfix.waitFor(
    () =>
      sink.count('has-it@example.org') === 1 && postfix.queueFiles().some(({ queueName }) => queueName === 'bounce'),
    'a delivery and a bounce log',
  );
  await atRest(postfix);
  await sink.close();
  postfix.setService('cleanup', true);
}

async function fill(postfix: PostfixInstance, milter: Milter): Promise<void> {
  await postfix.start();
  const ids = await postfix.submitAll(Object.values(BY_SMTP));
  milter.edits = [{ kind: 'add-header', name: 'X-Edited', value: 'by a milter, and longer than it was' }];
  await postfix.submitSmtp(message('edited'));
  if (!isPostfixBefore(3, 11)) {
    await submitAsUser(postfix, 'requires-tls', BY_SENDMAIL['requires-tls']);
  }
  await atRest(postfix);
  await deliverSome(postfix);
  await postfix.stop();
  const idOf = (name: string): string => ids[Object.keys(BY_SMTP).indexOf(name)] ?? '';
  await postfix.postsuper('-h', idOf('held'));
  await postfix.postsuper('-r', idOf('requeued'), '-r', idOf('requeued-utf8'));
  await submitAsUser(postfix, 'submitted');
  if (!isPostfixBefore(3, 11)) {
    await submitAsUser(postfix, 'submitted-utf8', BY_SENDMAIL['submitted-utf8']);
  }
}

/** Who has not got each message yet, and where it is. */
function messagesMade(): VersionMessage[] {
  const done = new Set(['has-it@example.org', 'refused@example.org']);
  const addresses = ({ to }: SmtpMessage): string[] => to.map((one) => (typeof one === 'string' ? one : one.address));
  const bySmtp = Object.entries(BY_SMTP).map(([id, sent]) => ({
    id,
    toDo: addresses(sent).filter((address) => !done.has(address)),
  }));
  const toBob = ['edited', 'submitted', ...(isPostfixBefore(3, 11) ? [] : Object.keys(BY_SENDMAIL))];
  return [...bySmtp, ...toBob.map((id) => ({ id, toDo: [BOB] }))].map((made) => ({
    ...made,
    id: named(made.id),
    ...placeOf(made.id),
  }));
}

function placeOf(id: string): Pick<VersionMessage, 'place'> {
  const isInMaildrop = id.startsWith('requeued') || id.startsWith('submitted');
  return { place: id === 'held' ? 'hold' : isInMaildrop ? 'maildrop' : 'deferred' };
}

describeWithPostfix('fixtures/releases', () => {
  it('gets the queue of this release', async () => {
    const port = await freePort();
    const milter = await startMilter(port);
    const postfix = await createInstance({ parameters: { smtpd_milters: `inet:127.0.0.1:${port}` } });
    try {
      await fill(postfix, milter);
      const { stdout } = await runOrFail('postconf', ['-dh', 'mail_version']);
      saveVersionQueue(postfix, stdout.trim(), messagesMade());
    } finally {
      await postfix.dispose();
      await milter.close();
    }
  });
});
