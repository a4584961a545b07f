import type { SmtpMessage } from '../support/postfix/smtp-client.ts';

const ALICE = 'alice@example.com';
const BOB = 'bob@example.org';

interface Letter {
  readonly subject: string;
  readonly body: string;
  readonly to?: string;
  readonly from?: string;
  readonly headers?: readonly string[];
}

export function letter(content: Letter): string {
  const { subject, body, to = BOB, from = ALICE, headers = [] } = content;
  return [
    `From: ${from}`,
    `To: ${to}`,
    `Subject: ${subject}`,
    'Date: Mon, 02 Nov 2026 09:00:00 +0000',
    `Message-ID: <${subject.toLowerCase().replace(/[^a-z0-9]+/g, '-')}@example.com>`,
    ...headers,
    '',
    body,
    '',
  ].join('\n');
}

export const PLAIN: SmtpMessage = {
  from: ALICE,
  to: [BOB],
  data: letter({ subject: 'Lunch', body: 'Lunch at noon?\n.\nA line with only a dot is above.' }),
};

export const MULTI_RECIPIENT: SmtpMessage = {
  from: ALICE,
  to: [BOB, 'carol@example.org', 'dave@example.net', '"two words"@example.org', 'bob+tag@example.org'],
  data: letter({ subject: 'To many', body: 'Hello all.' }),
};

export const DSN: SmtpMessage = {
  from: ALICE,
  to: [
    { address: BOB, notify: 'SUCCESS,FAILURE,DELAY', orcpt: 'rfc822;robert+2Btag@example.org' },
    { address: 'carol@example.org', notify: 'NEVER' },
    { address: 'dave@example.net', notify: 'FAILURE' },
  ],
  ret: 'HDRS',
  envid: 'QQ314159+3Dx',
  data: letter({ subject: 'With DSN parameters', body: 'Tell me how it went.' }),
};

export const SMTPUTF8: SmtpMessage = {
  from: 'jürgen@example.com',
  to: ['用户@example.org', 'δοκιμή@example.net'],
  smtputf8: true,
  body: '8BITMIME',
  data: letter({
    from: 'Jürgen <jürgen@example.com>',
    to: '用户@example.org',
    subject: 'Grüße',
    headers: ['MIME-Version: 1.0', 'Content-Type: text/plain; charset=utf-8'],
    body: 'Viele Grüße aus dem Süden. ¿Qué tal? 你好',
  }),
};

/** Every byte but NUL (which smtpd would strip), LF and CR. */
function allBytes(): Buffer {
  return Buffer.from(Array.from({ length: 255 }, (_, index) => index + 1).filter((byte) => byte !== 10 && byte !== 13));
}

export const EIGHT_BIT: SmtpMessage = {
  from: ALICE,
  to: [BOB],
  body: '8BITMIME',
  data: Buffer.concat([
    Buffer.from(
      letter({
        subject: 'Eight bits',
        headers: [
          'MIME-Version: 1.0',
          'Content-Type: text/plain; charset=iso-8859-1',
          'Content-Transfer-Encoding: 8bit',
        ],
        body: '',
      }),
    ),
    allBytes(),
    Buffer.from('\n'),
  ]),
};

/** 2048 is line_length_limit, the longest record there is. */
export const LONG_LINES: SmtpMessage = {
  from: ALICE,
  to: [BOB],
  data: letter({
    subject: 'Long lines',
    headers: [`X-Long: ${'header '.repeat(400)}end`],
    body: [2047, 2048, 2049, 4096, 10_000].map((length) => 'abcdefghij'.repeat(length).slice(0, length)).join('\n'),
  }),
};

/** Text that does not repeat, without randomness. */
function attachment(bytes: number): string {
  let state = 42;
  const content = Buffer.from(
    Array.from({ length: bytes }, () => {
      state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
      return state >>> 16;
    }),
  );
  return content.toString('base64').replace(/(.{76})/g, '$1\n');
}

export const ATTACHMENT: SmtpMessage = {
  from: ALICE,
  to: [BOB],
  data: letter({
    subject: 'The picture',
    headers: ['MIME-Version: 1.0', 'Content-Type: multipart/mixed; boundary="=_cut"'],
    body: [
      '--=_cut',
      'Content-Type: text/plain; charset=us-ascii',
      '',
      'The picture is attached.',
      '--=_cut',
      'Content-Type: application/octet-stream; name="picture.bin"',
      'Content-Transfer-Encoding: base64',
      '',
      attachment(45_000),
      '--=_cut--',
    ].join('\n'),
  }),
};

export const NULL_SENDER: SmtpMessage = {
  from: '',
  to: [BOB],
  data: letter({ from: 'MAILER-DAEMON@example.com', subject: 'No sender', body: 'A notice.' }),
};

export const MIXED: SmtpMessage = {
  from: ALICE,
  to: ['done@example.org', 'later@example.org', 'never@example.org', 'also-later@example.org'],
  data: letter({ subject: 'Partly done', body: 'Some have it, some wait.' }),
};

export const MIXED_ANSWERS = {
  'later@example.org': '450',
  'also-later@example.org': '450',
  'never@example.org': '550',
} as const;

export const NOTIFY_SUCCESS: SmtpMessage = {
  from: ALICE,
  to: [
    { address: 'done@example.org', notify: 'SUCCESS,FAILURE' },
    { address: 'later@example.org', notify: 'SUCCESS,FAILURE,DELAY' },
  ],
  envid: 'trace-1',
  data: letter({ subject: 'Tell of success', body: 'Did it arrive?' }),
};
