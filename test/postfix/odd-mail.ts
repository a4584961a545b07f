/** Mail that is odd but legal, and settings that leave odd records in queue files. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { PostfixInstance } from '../support/postfix/instance.ts';
import type { SmtpMessage } from '../support/postfix/smtp-client.ts';
import * as letters from './fixture-messages.ts';
import { patternTable } from './pattern-table.ts';

const ALICE = 'alice@example.com';
const BOB = 'bob@example.org';

function odd(data: string | Uint8Array, rest: Partial<SmtpMessage> = {}): SmtpMessage {
  return { from: ALICE, to: [BOB], data, ...rest };
}

function addresses(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `reader${index}@example.org`);
}

const LINES = [0, 1, 997, 998, 999, 2046, 2047, 2048, 2049, 4095, 4096, 4097].map((length) => 'x'.repeat(length));

/** By SMTP. */
export const ODD_MESSAGES: Readonly<Record<string, SmtpMessage>> = {
  'nothing at all': odd(''),
  'no header': odd('\nOnly a body.\n'),
  'no header, no empty line': odd('This is no header\nand neither is this\n'),
  'no body': odd('Subject: header only\n'),
  'an empty body': odd('Subject: empty\n\n'),
  'lines around the limits': odd(`Subject: lines\n\n${LINES.join('\n')}\n`),
  'a header of 60,000 characters': odd(`Subject: ${'long '.repeat(12_000)}\n\nx\n`),
  'many headers': odd(`${Array.from({ length: 1500 }, (_, index) => `X-${index}: ${index}\n`).join('')}\nx\n`),
  'NUL and control characters': odd(Buffer.from(`Subject: control\n\na\0b\x01\x02\x7f\x1b[0m\rc\n\0\n`)),
  'bytes beyond ASCII in the header': odd(Buffer.from('Subject: Gr\xfc\xdfe\n\nx\n', 'latin1')),
  dots: odd('Subject: dots\n\n.\n..\n.x\n'),
  'a From_ line': odd('From alice Mon Nov  2 09:00:00 2026\nSubject: mbox\n\nFrom here on.\n>From there.\n'),
  '1000 recipients': odd(letters.letter({ subject: 'All', body: 'x' }), { to: addresses(1000) }),
  'odd addresses': odd('Subject: odd\n\nx\n', {
    from: '"al ice\\"x"@example.com',
    to: [
      '"two  words"@example.org',
      '"a@b"@example.org',
      'a+b=c!d#e$f%g@example.org',
      "o'neil@example.org",
      '""@example.org',
    ],
  }),
  'a source route and a literal': odd('Subject: route\n\nx\n', {
    to: ['@a.example,@b.example:bob@example.org', 'bob@[127.0.0.1]'],
  }),
  'an address of 250 characters': odd('Subject: long\n\nx\n', {
    to: [`${'l'.repeat(64)}@${'d.'.repeat(90)}example.org`],
  }),
  'all that DSN has': odd('Subject: DSN\n\nx\n', {
    to: [
      { address: BOB, notify: 'NEVER' },
      { address: 'carol@example.org', notify: 'SUCCESS,FAILURE,DELAY', orcpt: 'rfc822;c+2Barol+3D@example.org' },
      { address: 'dave@example.org', notify: 'DELAY', orcpt: 'x400;/C=de/' },
    ],
    ret: 'FULL',
    envid: 'a+2Bb+20c',
  }),
  'the same recipient thrice': odd('Subject: thrice\n\nx\n', { to: [BOB, BOB, 'Bob@example.org'] }),
  'SMTPUTF8 in everything': {
    ...letters.SMTPUTF8,
    data: 'Subject: Grüße\nFrom: 用户@例子.example\nX-Über: ü\n\nü\n',
  },
  'receipts and errors-to': odd(
    'Return-Receipt-To: alice@example.com\nErrors-To: eve@example.com\nPrecedence: bulk\nBcc: x@example.org\n\nx\n',
  ),
  resent: odd('Resent-From: eve@example.com\nResent-To: mallory@example.org\nSubject: resent\n\nx\n'),
  'nested MIME': odd(
    [
      'MIME-Version: 1.0',
      'Content-Type: multipart/mixed; boundary="a"',
      '',
      '--a',
      'Content-Type: message/rfc822',
      '',
      'Subject: within',
      'MIME-Version: 1.0',
      'Content-Type: multipart/alternative; boundary="b"',
      '',
      '--b',
      'Content-Type: text/plain; charset=utf-8',
      'Content-Transfer-Encoding: 8bit',
      '',
      'ü',
      '--b--',
      '--a--',
      '',
    ].join('\n'),
    { body: '8BITMIME' },
  ),
};

/** By sendmail(1): arguments and text. */
export const ODD_SUBMISSIONS: Readonly<Record<string, readonly [readonly string[], string]>> = {
  'nothing at all': [['-f', ALICE, BOB], ''],
  'no line end': [['-f', ALICE, BOB], 'Subject: x\n\nno line end'],
  'leading blanks': [['-f', ALICE, BOB], '   blanks first\nx\n'],
  'the null sender': [['-f', '', BOB], 'Subject: null\n\nx\n'],
  'a full name with quotes': [['-F', 'Al "Ice" (x), y\\z', '-f', ALICE, BOB], 'Subject: name\n\nx\n'],
  'a full name in UTF-8': [['-F', 'Jürgen', '-f', ALICE, BOB], 'Subject: name\n\nx\n'],
  VERP: [['-V', '-f', ALICE, BOB, 'carol@example.org'], 'Subject: VERP\n\nx\n'],
  'VERP with delimiters': [['-XV+=', '-f', ALICE, BOB], 'Subject: VERP\n\nx\n'],
  DSN: [['-N', 'success,delay,failure', '-R', 'full', '-V', 'id+1', '-f', ALICE, BOB], 'Subject: DSN\n\nx\n'],
  'DSN never': [['-N', 'never', '-f', ALICE, BOB], 'Subject: DSN\n\nx\n'],
  '8BITMIME': [['-B8BITMIME', '-f', ALICE, BOB], 'Subject: 8\n\nü\n'],
  'recipients in headers': [
    ['-t', '-f', ALICE],
    'To: bob@example.org, Carol <carol@example.org>,\n  "Da ve" <dave@example.org> (comment)\nCc: group: a@example.org, b@example.org;\nBcc: c@example.org\n\nx\n',
  ],
  'a folded quoted address': [['-t', '-f', ALICE], 'To: "two\n  words"@example.org\nSubject: folded\n\nx\n'],
  'headers and arguments': [['-t', '-f', ALICE, 'bob@example.org'], 'To: carol@example.org\nSubject: x\n\nx\n'],
  'no domains': [['-f', 'alice', 'bob', 'carol'], 'Subject: x\n\nx\n'],
  'many recipients in headers': [['-t', '-f', ALICE], `To: ${addresses(300).join(',\n ')}\nSubject: many\n\nx\n`],
  'a long line': [['-f', ALICE, BOB], `Subject: long\n\n${LINES.join('\n')}\n${'y'.repeat(50_000)}\n`],
  NUL: [['-f', ALICE, BOB], 'Subject: NUL\n\na\0b\0\n'],
};

type Parameters = Readonly<Record<string, string>>;

/** Settings, each with its subjects: one message for each. */
export const ODD_SETTINGS: readonly (readonly [string, Parameters, readonly string[]])[] = [
  [
    'checks',
    { header_checks: patternTable('header-checks'), body_checks: patternTable('body-checks') },
    ['prepend', 'ignore', 'replace', 'redirect', 'bcc', 'hold', 'strip', 'warn', 'discard'],
  ],
  ['no original recipients', { enable_original_recipient: 'no', always_bcc: 'archive@example.com' }, ['plain']],
  ['long IDs and a filter', { enable_long_queue_ids: 'yes', content_filter: 'smtp:[127.0.0.1]:19' }, ['plain']],
  [
    'rewriting',
    {
      sender_canonical_maps: 'inline:{alice@example.com=a.very.long.address.that.alice.has@mail.example.com}',
      recipient_canonical_maps: 'inline:{bob@example.org=robert@example.net}',
      virtual_alias_maps: 'inline:{ {robert@example.net = r1@example.net, r2@example.net, r3@example.net} }',
      sender_bcc_maps: 'static:sent@example.com',
      recipient_bcc_maps: 'static:received@example.com',
      masquerade_domains: 'example.com',
      delay_warning_time: '1h',
    },
    ['plain'],
  ],
  ['short lines', { line_length_limit: '512', header_size_limit: '512' }, ['plain']],
  [
    'no MIME',
    { disable_mime_input_processing: 'yes', message_strip_characters: '\\0', strict_8bitmime: 'no' },
    ['plain'],
  ],
  ['VERP by default', { smtpd_authorized_verp_clients: '127.0.0.1', always_add_missing_headers: 'yes' }, ['plain']],
];

/** Fills a queue that is not running with odd mail of all kinds, and stops. */
export async function fillWithOddMail(postfix: PostfixInstance): Promise<void> {
  await postfix.start();
  for (const [name, message] of Object.entries(ODD_MESSAGES)) {
    await postfix.submitSmtp(message).catch((error: unknown) => {
      throw new Error(`${name} was not taken`, { cause: error });
    });
  }
  for (const [args, text] of Object.values(ODD_SUBMISSIONS)) {
    await postfix.submitSendmail(args, text);
  }
  await settle(postfix);
  postfix.setService('pickup', false);
  for (const [args, text] of Object.values(ODD_SUBMISSIONS)) {
    await postfix.submitSendmail(args, text);
  }
}

/** One message for each subject, with the settings; an address extension would do no harm either. */
export async function fillUnderSettings(postfix: PostfixInstance, subjects: readonly string[]): Promise<void> {
  await postfix.start();
  for (const subject of subjects) {
    const data = letters.letter({
      subject,
      body: `cut this\nmore of it\n${'word '.repeat(300)}`,
      headers: ['Sender: x@example.com'],
    });
    await postfix.submitSmtp(odd(data, { to: [BOB, { address: 'carol@example.org', notify: 'FAILURE' }] }));
  }
  await postfix.submitSendmail(['-t', '-f', ALICE], letters.letter({ subject: subjects[0] ?? '', body: 'x' }));
  await settle(postfix);
}

async function settle(postfix: PostfixInstance): Promise<void> {
  await sleep(500);
  await postfix.waitFor(
    () => postfix.queueFiles().every(({ queueName }) => ['deferred', 'defer', 'hold'].includes(queueName)),
    'all to be at rest',
    { timeoutMs: 60_000 },
  );
  await postfix.stop();
}
