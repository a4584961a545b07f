import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { it } from 'vitest';
import { createInstance, type InstanceOptions, type PostfixInstance } from '../support/postfix/instance.ts';
import { type MilterEdit, startMilter } from '../support/postfix/milter.ts';
import { freePort } from '../support/postfix/ports.ts';
import { describeWithPostfix } from '../support/postfix/requirements.ts';
import { startSink } from '../support/postfix/sink.ts';
import type { SmtpMessage } from '../support/postfix/smtp-client.ts';
import * as messages from './fixture-messages.ts';
import { FixtureSet } from './fixture-set.ts';

const DIRECTORY = join(import.meta.dirname, '../../fixtures/queue-files');
const NOBODY = 65_534;

type Scene = (set: FixtureSet) => Promise<void>;

async function withInstance(options: InstanceOptions, use: (postfix: PostfixInstance) => Promise<void>): Promise<void> {
  const postfix = await createInstance(options);
  try {
    await postfix.start();
    await use(postfix);
  } finally {
    await postfix.dispose();
  }
}

/** Submits a message and waits until its first delivery attempt has failed. */
async function deferred(postfix: PostfixInstance, message: SmtpMessage): Promise<string> {
  const queueId = await postfix.submitSmtp(message);
  await atRest(postfix, queueId);
  return queueId;
}

function atRest(postfix: PostfixInstance, queueId: string): Promise<void> {
  return postfix.waitFor(
    () => ['defer,deferred', 'hold'].includes(postfix.queuesOf(queueId).join()),
    `${queueId} to be at rest`,
  );
}

function onlyFile(postfix: PostfixInstance): string {
  const [file, ...others] = postfix.queueFiles();
  if (file === undefined || others.length > 0) {
    throw new Error('expected one file in the queue');
  }
  return file.name;
}

const KINDS: readonly (readonly [string, string, SmtpMessage])[] = [
  ['plain', 'One recipient, seven bits; a body line that is a dot', messages.PLAIN],
  ['multi-recipient', 'Five recipients, one with a quoted local part', messages.MULTI_RECIPIENT],
  ['dsn', 'NOTIFY, ORCPT, RET and ENVID', messages.DSN],
  ['smtputf8', 'SMTPUTF8: sender and recipients beyond ASCII', messages.SMTPUTF8],
  ['eight-bit', '8BITMIME: a body with all bytes but NUL, CR and LF', messages.EIGHT_BIT],
  ['long-lines', 'Lines beyond line_length_limit, cut into L records', messages.LONG_LINES],
  ['attachment', 'A base64 attachment of some 60 KB', messages.ATTACHMENT],
  ['null-sender', 'The null sender', messages.NULL_SENDER],
];

const arrivals: Scene = (set) =>
  withInstance({}, async (postfix) => {
    for (const [name, description, message] of KINDS) {
      const queueId = await deferred(postfix, message);
      await set.add(postfix, { name, description, queueId });
    }
  });

const administration: Scene = (set) =>
  withInstance({}, async (postfix) => {
    const held = await deferred(postfix, messages.MULTI_RECIPIENT);
    await postfix.postsuper('-h', held);
    await set.add(postfix, {
      name: 'hold',
      description: 'Put on hold with `postsuper -h` after an attempt, so it has a defer log',
      queueId: held,
    });
    const expired = await deferred(postfix, messages.PLAIN);
    await postfix.stop();
    await postfix.postsuper('-e', expired);
    await set.add(postfix, {
      name: 'forced-expire',
      description: '`postsuper -e` while Postfix is stopped: g+x, not expired yet',
      queueId: expired,
    });
    await postfix.postsuper('-e', held);
    await set.add(postfix, {
      name: 'hold-forced-expire',
      description: '`postsuper -e` on a message on hold',
      queueId: held,
    });
  });

const longIds: Scene = (set) =>
  withInstance({ parameters: { enable_long_queue_ids: 'yes' } }, async (postfix) => {
    const queueId = await deferred(postfix, messages.PLAIN);
    await set.add(postfix, {
      name: 'long-id',
      description: 'enable_long_queue_ids = yes',
      queueId,
    });
    const held = await deferred(postfix, messages.DSN);
    await postfix.postsuper('-h', held);
    await set.add(postfix, {
      name: 'long-id-hold',
      description: 'enable_long_queue_ids = yes, on hold',
      queueId: held,
    });
  });

type Parameters = Readonly<Record<string, string>>;

// Tables in main.cf itself are a feature of Postfix 3.7.
const CONFIGURED: readonly (readonly [string, string, Parameters])[] = [
  [
    'header-checks',
    'header_checks with PREPEND and REPLACE: cleanup edits as it writes, so no pointer records',
    {
      header_checks:
        'regexp:{ {/^Subject: Lunch/ REPLACE Subject: [list] Lunch}, {/^Message-ID:/ PREPEND X-Checked: yes} }',
    },
  ],
  [
    'header-checks-hold',
    'header_checks with HOLD: it arrived in hold and was never tried',
    { header_checks: 'regexp:{ {/^Subject: Lunch/ HOLD please look} }' },
  ],
  [
    'redirect',
    'header_checks with REDIRECT',
    { header_checks: 'regexp:{ {/^Subject: Lunch/ REDIRECT elsewhere@example.net} }' },
  ],
  ['always-bcc', 'always_bcc added a recipient', { always_bcc: 'archive@example.com' }],
  ['content-filter', 'content_filter, so it has a FILTER record', { content_filter: 'smtp:[127.0.0.1]:19999' }],
  ['delay-warning', 'delay_warning_time: a delay warning is to come (W record)', { delay_warning_time: '4h' }],
];

const configured: Scene = async (set) => {
  for (const [name, description, parameters] of CONFIGURED) {
    await withInstance({ parameters }, async (postfix) => {
      const queueId = await postfix.submitSmtp(messages.PLAIN);
      await atRest(postfix, queueId);
      await set.add(postfix, { name, description, queueId });
    });
  }
};

const delayWarningSent: Scene = (set) =>
  withInstance({ parameters: { delay_warning_time: '1s' } }, async (postfix) => {
    const queueId = await deferred(postfix, messages.PLAIN);
    await sleep(2_000);
    await postfix.flush();
    await postfix.waitFor(() => postfix.log().includes('sender delay notification'), 'the warning');
    await atRest(postfix, queueId);
    await set.add(postfix, {
      name: 'delay-warning-sent',
      description: 'The delay warning was sent: the W record was rewritten in place',
      queueId,
    });
  });

const MILTER_EDITS: readonly (readonly [string, string, readonly MilterEdit[]])[] = [
  [
    'milter-headers',
    'A milter added, changed, inserted and deleted headers (pointer records)',
    [
      { kind: 'add-header', name: 'X-Added', value: 'at the end' },
      {
        kind: 'change-header',
        index: 1,
        name: 'Subject',
        value: 'A rather longer subject than it was',
      },
      { kind: 'change-header', index: 1, name: 'Date', value: '' },
      { kind: 'insert-header', index: 1, name: 'X-Inserted', value: 'near the top' },
    ],
  ],
  ['milter-short-body', 'A milter replaced the body by a shorter one', [{ kind: 'replace-body', body: 'Cut.\n' }]],
  [
    'milter-long-body',
    'A milter replaced the body by a longer one',
    [{ kind: 'replace-body', body: 'A footer was added, and another line.\n'.repeat(60) }],
  ],
  [
    'milter-envelope',
    'A milter added and deleted recipients and changed the sender',
    [
      { kind: 'add-recipient', address: 'added@example.net' },
      { kind: 'add-recipient', address: 'added-too@example.net' },
      { kind: 'delete-recipient', address: 'carol@example.org' },
      { kind: 'change-sender', address: 'a-sender-with-a-much-longer-address@example.com' },
    ],
  ],
];

const milterEdits: Scene = async (set) => {
  const port = await freePort();
  const milter = await startMilter(port);
  const parameters = { smtpd_milters: `inet:127.0.0.1:${port}`, milter_default_action: 'tempfail' };
  const all = MILTER_EDITS.flatMap(([, , edits]) => edits);
  const kinds = [...MILTER_EDITS, ['milter-all', 'All of those milter edits in one message', all]] as const;
  try {
    await withInstance({ parameters }, async (postfix) => {
      for (const [name, description, edits] of kinds) {
        milter.edits = edits;
        const queueId = await deferred(postfix, messages.MULTI_RECIPIENT);
        await set.add(postfix, { name, description, queueId });
      }
    });
  } finally {
    await milter.close();
  }
};

/** Defers a message, takes cleanup away if notices must not be sent, and has it tried again at the sink. */
async function tried(
  postfix: PostfixInstance,
  message: SmtpMessage,
  options: { readonly withNotices: boolean },
): Promise<string> {
  const queueId = await deferred(postfix, message);
  if (!options.withNotices) {
    // bounce needs cleanup to make a notice; without it the log stays and the message too.
    postfix.setService('cleanup', false);
    await postfix.reload();
  }
  const sink = await startSink({ port: postfix.relayPort, answers: messages.MIXED_ANSWERS });
  try {
    await postfix.flush();
    await postfix.waitFor(() => sink.count('done@example.org') === 1, 'one delivery');
    await postfix.waitFor(
      async () => (await postfix.postqueue()).every(({ queue_name }) => queue_name === 'deferred'),
      'the attempt to end',
    );
  } finally {
    await sink.close();
  }
  await postfix.stop();
  return queueId;
}

const attempts: Scene = async (set) => {
  await withInstance({}, async (postfix) => {
    const queueId = await tried(postfix, messages.MIXED, { withNotices: true });
    const description = 'One recipient delivered, one bounced and notified (D records), two to do';
    await set.add(postfix, { name: 'partly-done', description, queueId });
  });
  await withInstance({}, async (postfix) => {
    const queueId = await tried(postfix, messages.MIXED, { withNotices: false });
    const description = 'As partly-done, but the notice is still to send: a bounce log';
    await set.add(postfix, { name: 'bounce-pending', description, queueId });
  });
  await withInstance({}, async (postfix) => {
    const queueId = await tried(postfix, messages.NOTIFY_SUCCESS, { withNotices: false });
    const description = 'NOTIFY=SUCCESS, one recipient delivered, its report still to send: a trace log';
    await set.add(postfix, { name: 'trace-pending', description, queueId });
  });
};

const SUBMISSIONS: readonly (readonly [string, string, readonly string[]])[] = [
  [
    'maildrop',
    'A genuine submission by sendmail, of an ordinary user (0744)',
    ['-f', 'alice@example.com', 'bob@example.org', 'carol@example.org'],
  ],
  ['maildrop-header-recipients', '`sendmail -t`: the recipients are in the headers', ['-f', 'alice@example.com', '-t']],
  [
    'maildrop-dsn',
    '`sendmail -N success,delay -V ENVID -R hdrs`',
    ['-f', 'alice@example.com', '-N', 'success,delay', '-V', 'envid-1', '-R', 'hdrs', 'bob@example.org'],
  ],
  [
    'maildrop-verbose',
    '`sendmail -v`: a delivery report is asked for',
    ['-v', '-f', 'alice@example.com', 'bob@example.org'],
  ],
];

const submissions: Scene = async (set) => {
  for (const [name, description, args] of SUBMISSIONS) {
    await withInstance({ without: ['pickup'] }, async (postfix) => {
      const user = { uid: NOBODY, gid: postfix.queueGroup() };
      await postfix.submitSendmail(['-i', ...args], messages.PLAIN.data, user);
      await set.add(postfix, { name, description, queueId: onlyFile(postfix) });
    });
  }
  await withInstance({}, async (postfix) => {
    const user = { uid: NOBODY, gid: postfix.queueGroup() };
    const data = messages.letter({ subject: 'Many', to: manyRecipients(), body: 'Hello.' });
    await postfix.submitSendmail(['-f', 'alice@example.com', '-t'], data, user);
    await postfix.waitFor(() => postfix.queueFiles().length === 2, 'pickup');
    const queueId = postfix.queueFiles().at(0)?.name ?? '';
    await atRest(postfix, queueId);
    const description = '`sendmail -t` with 60 recipients, after pickup: they are extracted records';
    await set.add(postfix, { name: 'extracted-recipients', description, queueId });
  });
};

function manyRecipients(): string {
  return Array.from({ length: 60 }, (_, index) => `reader${index}@example.org`).join(',\n ');
}

const requeued: Scene = async (set) => {
  for (const [name, message] of [
    ['requeued', messages.DSN],
    ['requeued-plain', messages.PLAIN],
  ] as const) {
    await withInstance({ without: ['pickup'] }, async (postfix) => {
      const queueId = await deferred(postfix, message);
      await postfix.stop();
      await postfix.postsuper('-r', queueId);
      const description = '`postsuper -r`: in maildrop, of the mail owner (0700)';
      const file = postfix.queueFiles().find(({ queueName }) => queueName === 'maildrop');
      await set.add(postfix, { name, description, queueId: file?.name ?? '' });
    });
  }
};

const otherQueues: Scene = async (set) => {
  await withInstance({ without: ['qmgr'] }, async (postfix) => {
    const queueId = await postfix.submitSmtp(messages.PLAIN);
    const description = 'In incoming, since there is no queue manager';
    await set.add(postfix, { name: 'incoming', description, queueId });
  });
  await withInstance({}, async (postfix) => {
    const queueId = await deferred(postfix, messages.PLAIN);
    const path = postfix.filesOf(queueId).find(({ queueName }) => queueName === 'deferred')?.path;
    truncateSync(join(postfix.queueDirectory, path ?? ''), 400);
    await postfix.flush();
    await postfix.waitFor(() => postfix.queuesOf(queueId).includes('corrupt'), 'corrupt');
    const description = 'Cut at 400 bytes; the queue manager found that out and put it into corrupt';
    await set.add(postfix, { name: 'corrupt', description, queueId });
  });
};

const SCENES: readonly (readonly [string, Scene])[] = [
  ['arrivals', arrivals],
  ['administration', administration],
  ['long queue IDs', longIds],
  ['configured edits', configured],
  ['delay warning', delayWarningSent],
  ['milter edits', milterEdits],
  ['attempts', attempts],
  ['submissions', submissions],
  ['requeued', requeued],
  ['other queues', otherQueues],
];

describeWithPostfix('fixtures/queue-files', () => {
  const set = new FixtureSet(DIRECTORY);
  for (const [name, scene] of SCENES) {
    it(name, () => scene(set), 120_000);
  }
  it('writes the manifest', () => set.finish());
});
