import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../../src/byte-source.ts';
import { examineQueueFile } from '../../../src/record/examine.ts';
import { type Lineage, lastingSender, lineageOf } from '../../../src/record/lineage.ts';
import { type LetterRecord, maildropFile, queueFile } from '../../support/queue/queue-file-builder.ts';

const TIME: LetterRecord = ['T', '1700000000 123456'];
const DSN = (address: string): LetterRecord => ['A', `dsn_orig_rcpt=rfc822;${address}`];

interface Parts {
  readonly envelope: LetterRecord[];
  readonly content?: LetterRecord[];
}

function lineage(bytes: Uint8Array): Lineage | undefined {
  const source = bytesSource(bytes);
  return lineageOf(examineQueueFile(source, 'deferred'), source);
}

const submitted = ({ envelope, content = TEXT }: Parts): Lineage | undefined =>
  lineage(maildropFile({ envelope: [TIME, ...envelope], content }));
const queued = ({ envelope, content = PICKED_UP }: Parts): Lineage | undefined =>
  lineage(queueFile({ envelope: [TIME, ...envelope], content }));

const TEXT: LetterRecord[] = [
  ['N', 'Subject: once'],
  ['N', ' and no more'],
  ['N', 'From: root'],
  ['N', 'X-Token: 1'],
  ['N', ''],
  ['L', 'hel'],
  ['N', 'lo'],
];
/** The same as cleanup(8) writes it. */
const PICKED_UP: LetterRecord[] = [
  ['N', 'Received: by mail.example.com (Postfix, from userid 0)'],
  ['N', '\tid 12345; Tue, 14 Nov 2023 22:13:20 +0000 (UTC)'],
  ['N', 'Subject: once'],
  ['N', '  and no more'],
  ['N', 'From: root@mail.example.com'],
  ['N', 'X-Token: 1'],
  ['N', 'Message-Id: <1@mail.example.com>'],
  ['N', ''],
  ['L', 'hel'],
  ['N', 'lo'],
];

const SUBMITTED = submitted({
  envelope: [
    ['S', 'root'],
    ['R', 'bob'],
    ['R', 'carol@example.com'],
  ],
});
const BOB: LetterRecord[] = [DSN('bob@mail.example.com'), ['O', 'bob'], ['R', 'bob@mail.example.com']];
const CAROL: LetterRecord[] = [
  DSN('carol@example.com'),
  ['O', 'carol@example.com'],
  ['R', 'carol@home.example.net'],
  DSN('carol@example.com'),
  ['O', 'carol@example.com'],
  ['R', 'carol@work.example.net'],
];
const BCC: LetterRecord[] = [
  ['O', 'archive@example.com'],
  ['R', 'archive@example.com'],
];
const SENDER: LetterRecord = ['S', 'root@mail.example.com'];

describe('the lineage of a message', () => {
  it('leads from a submission to what cleanup made of it: addresses completed, an alias expanded, a BCC added', () => {
    const picked = queued({ envelope: [SENDER, ...BOB, ...CAROL, ...BCC] });
    expect(picked?.origin).toBe(SUBMITTED?.submission);
    expect(SUBMITTED?.origin).toBeNull();
  });

  it('leads through a requeue, which drops who is done and takes what was added for given', () => {
    const done: LetterRecord[] = [DSN('bob@mail.example.com'), ['O', 'bob'], ['D', 'bob@mail.example.com']];
    const partly = queued({ envelope: [SENDER, ...done, ...CAROL, ...BCC] });
    const again = queued({ envelope: [SENDER, ...CAROL, DSN('archive@example.com'), ...BCC, ...BCC] });
    expect(again?.origin).toBe(partly?.submission);
    expect(partly?.origin).toBe(SUBMITTED?.submission);
    expect(again?.origin).not.toBe(SUBMITTED?.submission);
  });

  it('takes all that cleanup of Postfix 2 wrote for given: nothing told what was added, but an empty address', () => {
    const old: LetterRecord[] = [
      SENDER,
      ['O', 'bob'],
      ['R', 'b'],
      ['O', 'carol@example.com'],
      ['R', 'c'],
      ['O', ''],
      ['R', 'x'],
    ];
    expect(queued({ envelope: old })?.origin).toBe(SUBMITTED?.submission);
  });

  it.each<[string, Parts]>([
    [
      'other recipients',
      {
        envelope: [
          ['S', 'root'],
          ['R', 'bob'],
          ['R', 'dave'],
        ],
      },
    ],
    ['another subject', { envelope: [SENDER, ...BOB, ...CAROL], content: [['N', 'Subject: twice'], ...TEXT.slice(2)] }],
    [
      'another header',
      { envelope: [SENDER, ...BOB, ...CAROL], content: [...TEXT.slice(0, 3), ['N', 'X-Token: 2'], ...TEXT.slice(4)] },
    ],
    ['another body', { envelope: [SENDER, ...BOB, ...CAROL], content: [...TEXT.slice(0, 5), ['N', 'hullo']] }],
    ['a longer body', { envelope: [SENDER, ...BOB, ...CAROL], content: [...TEXT, ['N', 'x']] }],
  ])('is another with %s', (_, parts) => {
    expect(queued(parts)?.origin ?? '').not.toBe(SUBMITTED?.submission);
    expect(submitted(parts)?.submission).not.toBe(SUBMITTED?.submission);
  });

  it('is another with another microsecond, and unknown without any', () => {
    const at = (time: string): Lineage | undefined =>
      lineage(
        maildropFile({
          envelope: [
            ['T', time],
            ['S', 'root'],
            ['R', 'bob'],
            ['R', 'carol@example.com'],
          ],
          content: TEXT,
        }),
      );
    expect(at('1700000000 123456')).toEqual(SUBMITTED);
    expect(at('1700000000 123457')?.submission).not.toBe(SUBMITTED?.submission);
    expect(at('1700000000')).toBeUndefined();
  });

  it.each<[string, LetterRecord[], LetterRecord[]]>([
    [
      'begins with a space',
      [['N', ' hello']],
      [
        ['N', ''],
        ['N', ' hello'],
      ],
    ],
    [
      'has no header',
      [['N', 'hello']],
      [
        ['N', ''],
        ['N', 'hello'],
      ],
    ],
    [
      'begins with an empty line',
      [
        ['N', ''],
        ['N', 'hello'],
      ],
      [
        ['N', ''],
        ['N', 'hello'],
      ],
    ],
    ['is empty', [], []],
  ])('lasts where the text %s', (_, content, after) => {
    const envelope: LetterRecord[] = [
      ['S', 'root'],
      ['R', 'bob'],
    ];
    const picked = queued({ envelope: [SENDER, ...BOB], content: [...PICKED_UP.slice(0, 2), ...after] });
    expect(picked?.origin).toBe(submitted({ envelope, content })?.submission);
  });

  it('looks at the beginning of a big body, and at its length', () => {
    const lines = (count: number): LetterRecord[] => [
      ...TEXT,
      ...Array.from({ length: count }, (): LetterRecord => ['N', 'x'.repeat(70)]),
    ];
    const of = (count: number): string | undefined =>
      submitted({
        envelope: [
          ['S', 'root'],
          ['R', 'bob'],
        ],
        content: lines(count),
      })?.submission;
    expect(of(1000)).toBe(of(1000));
    expect(of(1000)).not.toBe(of(1001));
  });
});

describe('lastingSender', () => {
  it.each([
    ['root', 'root'],
    ['Root@mail.example.com', 'root'],
    ['"a@b"@example.com', '"a@b"'],
    ['MAILER-DAEMON', 'mailer-daemon'],
  ])('of %s', (printed, expected) => {
    expect(lastingSender(printed)).toBe(expected);
  });
});
