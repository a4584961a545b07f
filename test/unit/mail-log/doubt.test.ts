/** Lines that seem to end a message, or a recipient's part of it, and do not: whoever is in doubt is tried again. */

import { describe, expect, it, test } from 'vitest';
import { type Evidence, evidenceOf } from '../../../src/mail-log/evidence.ts';
import { LogLineReader } from '../../../src/mail-log/log-line.ts';
import { isOf, type LoggedMessage } from '../../../src/mail-log/logged-message.ts';
import { MailLog } from '../../../src/mail-log/mail-log.ts';

const ID = '4hHsLb3V9Fz1k2m';
const SHORT = 'ADBB5422244';
const NOTICE = '4hHsLb3V9Fz1kN1';
const NEXT = '4hHsLb3V9Fz1kF1';
const OTHER = '4hHsLb3V9Fz1kM2';
const SNAPSHOT = new Date(2026, 10, 27, 7, 0, 0).getTime() / 1000;
const A = { address: 'a@x.org' };
const B = { address: 'b@x.org' };
const MESSAGE: LoggedMessage = {
  queue_id: ID,
  arrival_time: SNAPSHOT - 60,
  sender: 's@example.com',
  message_size: 280,
  recipients: [A, B],
};
const GOING_ON = 'going-on';

interface Told {
  readonly id?: string;
  readonly status?: string;
  readonly text?: string;
  /** Of the arrival, behind the snapshot. */
  readonly arrived?: number;
  readonly by?: string;
  readonly relay?: string;
  /** The original address. */
  readonly of?: string;
}

function at(seconds: number, text: string, host = 'mail'): string {
  return `Nov 27 ${new Date((SNAPSHOT + seconds) * 1000).toTimeString().slice(0, 8)} ${host} postfix/${text}`;
}
const active = (seconds: number, id = ID, told = 'from=<s@example.com>, size=280, nrcpt=2'): string =>
  at(seconds, `qmgr[1]: ${id}: ${told} (queue active)`);
const one = 'from=<s@example.com>, size=280, nrcpt=1';
const messageId = (seconds: number, id: string, told = `${id}@mail`): string =>
  at(seconds, `cleanup[4]: ${id}: message-id=<${told}>`);
const removed = (seconds: number, id = ID): string => at(seconds, `qmgr[1]: ${id}: removed`);
function to(seconds: number, address: string, told: Told = {}): string {
  const { id = ID, status = 'sent', text = '250 ok', arrived = -60, by = 'smtp', relay = by, of } = told;
  const recipient = of === undefined ? `to=<${address}>` : `to=<${address}>, orig_to=<${of}>`;
  const times = `delay=${seconds - arrived}, delays=0/0/0/0, dsn=2.0.0`;
  return at(seconds, `${by}[2]: ${id}: ${recipient}, relay=${relay}, ${times}, status=${status} (${text})`);
}
/** A notice of a message, which gets to its reader. */
const notice = (seconds: number, { of = ID, whom = 'sender', id = NOTICE } = {}): string[] => [
  messageId(seconds, id),
  active(seconds, id, 'from=<>, size=900, nrcpt=1'),
  at(seconds, `bounce[5]: ${of}: ${whom} non-delivery notification: ${id}`),
  to(seconds + 1, 's@example.com', { id, arrived: seconds }),
  removed(seconds + 1, id),
];

interface Source {
  readonly contentFilter?: string;
  /** Other messages of the archive. */
  readonly also?: readonly string[];
}

function evidence(
  lines: readonly string[],
  changes: Partial<LoggedMessage> = {},
  { contentFilter = '', also = [] }: Source = {},
): Evidence {
  const message = { ...MESSAGE, ...changes };
  const log = new MailLog({
    syslogName: 'postfix',
    isSought: (id) => id === message.queue_id || also.includes(id),
    contentFilter,
    complete: SNAPSHOT,
  });
  const reader = new LogLineReader(SNAPSHOT + 86_400);
  for (const line of lines) {
    const read = reader.read(line);
    if (read === undefined) {
      throw new Error(`no line of Postfix: ${line}`);
    }
    log.add(read);
  }
  return evidenceOf(log, message, { started: SNAPSHOT - 1, finished: SNAPSHOT });
}

const doneOf = (found: Evidence): string[] | string =>
  found.kind === 'going-on' ? found.done.map((recipient) => recipient.to) : found.kind;

describe('local(8) tells of each part of a recipient', () => {
  const local = { by: 'local' };

  it('one part that is sent is not the recipient', () => {
    const lines = [
      active(9, ID, one),
      to(10, 'a@x.org', { ...local, text: 'delivered to maildir' }),
      to(10, 'a@x.org', { ...local, status: 'deferred', text: 'temporary failure' }),
    ];
    expect(doneOf(evidence(lines, { recipients: [A] }))).toEqual([]);
  });

  it('one forwarded message that is over is not the other one', () => {
    const lines = [
      messageId(-60, ID, 'one@x'),
      active(9, ID, one),
      ...[NEXT, OTHER].flatMap((id) => [messageId(10, id, 'one@x'), active(10, id, one)]),
      to(10, 'a@x.org', { ...local, text: `forwarded as ${NEXT}` }),
      to(10, 'a@x.org', { ...local, text: `forwarded as ${OTHER}` }),
      to(11, 'r@remote.net', { id: NEXT, arrived: 10 }),
      removed(11, NEXT),
    ];
    expect(doneOf(evidence(lines, { recipients: [A] }))).toEqual([]);
    const ended = [...lines, removed(11), to(12, 'q@remote.net', { id: OTHER, arrived: 10 }), removed(12, OTHER)];
    expect(evidence(ended, { recipients: [A] }).kind).toBe('over');
  });
});

describe('a recipient of local(8) that stands for mailboxes of this host', () => {
  const TEAM = { address: 'team@x.org' };
  const part = (seconds: number, address: string, text = 'delivered to mailbox'): string =>
    to(seconds, address, { by: 'local', text }).replace(', relay=', ', orig_to=<team@x.org>, relay=');
  const born = messageId(-60, ID, 'one@x');
  const lines = [active(9, ID, one), part(10, 'bin@x.org'), part(10, 'games@x.org')];
  const forwarded = [messageId(10, NEXT, 'one@x'), active(10, NEXT, one)];
  const judged = (told: readonly string[], recipients: LoggedMessage['recipients'] = [TEAM]): string =>
    evidence(told, { recipients }).kind;

  it('has it once the message is removed, not before', () => {
    expect(doneOf(evidence([born, ...lines], { recipients: [TEAM] }))).toEqual([]);
    expect(judged([born, ...lines, removed(11)])).toBe('over');
  });

  it('may have a part under way that nobody can tell without the Message-ID', () => {
    expect(judged([...lines, ...forwarded, removed(11)])).toBe(GOING_ON);
    expect(judged([messageId(-60, ID, ''), ...lines, messageId(10, NEXT, ''), removed(11)])).toBe(GOING_ON);
  });

  it('may have a part under way that has the Message-ID of another one of the archive, too', () => {
    const both = [messageId(-61, OTHER, 'one@x'), born, ...lines, ...forwarded, removed(11)];
    expect(evidence(both, { recipients: [TEAM] }, { also: [OTHER] }).kind).toBe(GOING_ON);
    const ended = [to(12, 'r@remote.net', { id: NEXT, arrived: 10 }), removed(12, NEXT)];
    expect(evidence([...both, ...ended], { recipients: [TEAM] }, { also: [OTHER] }).kind).toBe('over');
  });

  it('may be behind a content filter, and have a part under way by a line that the log lacks there', () => {
    const filtered = { recipients: [TEAM], content_filter: 'scan:[127.0.0.1]:10024' };
    const behind = [
      active(9, ID, one),
      messageId(9, OTHER, 'one@x'),
      active(9, OTHER, one),
      to(10, 'team@x.org', { text: `250 2.0.0 Ok: queued as ${OTHER}` }),
      removed(10),
      to(10, 'bin@x.org', { id: OTHER, by: 'local', of: 'team@x.org', arrived: 9, text: 'delivered to mailbox' }),
      ...forwarded,
      removed(11, OTHER),
    ];
    const ended = [to(12, 'r@remote.net', { id: NEXT, arrived: 10 }), removed(12, NEXT)];
    expect(evidence([born, ...behind], filtered).kind).toBe(GOING_ON);
    expect(evidence([...behind, ...ended], filtered).kind).toBe(GOING_ON);
    expect(evidence([born, ...behind, ...ended], filtered).kind).toBe('over');
  });

  it('is no part of another one: a notice in a mailbox, by a Message-ID of its own', () => {
    const bounced = to(10, 'a@x.org', { status: 'bounced' });
    const told = notice(10).map((line) => line.replaceAll('smtp', 'local'));
    expect(evidence([born, active(9, ID, one), bounced, ...told, removed(11)], { recipients: [A] }).kind).toBe('over');
    expect(evidence([active(9, ID, one), bounced, ...told, removed(11)], { recipients: [A] }).kind).toBe('over');
  });

  it('has it not by the lines of another one', () => {
    const other = { address: 'other@x.org' };
    const both = [{ ...other, orig_address: 'team@x.org' }, TEAM];
    expect(judged([born, ...lines, removed(11)], [other])).toBe(GOING_ON);
    expect(judged([born, active(9), ...lines.slice(1), removed(11)], both)).toBe(GOING_ON);
    expect(judged([born, ...lines, removed(11)], [{ ...other, orig_address: 'team@x.org' }])).toBe('over');
  });

  it('may have a part that went on by a line that the log lacks', () => {
    expect(judged([born, ...lines, ...forwarded, removed(11)])).toBe(GOING_ON);
    expect(judged([born, ...lines, ...forwarded.slice(1), removed(11)])).toBe(GOING_ON);
    const ended = [...forwarded, to(12, 'r@remote.net', { id: NEXT, arrived: 10 }), removed(12, NEXT)];
    expect(judged([born, ...lines, ...ended, removed(11)])).toBe('over');
  });
});

describe('of what is returned the sender must have been told', () => {
  const bounced = { status: 'bounced' };

  it('an earlier notice is not of what bounced behind it', () => {
    const before = [active(-50), to(-49, 'a@x.org', bounced), ...notice(-49)];
    const lines = [...before, active(10), to(11, 'b@x.org', bounced)];
    expect(doneOf(evidence(lines, { recipients: [B] }))).toEqual([]);
    expect(doneOf(evidence([...lines, ...notice(12, { id: OTHER })], { recipients: [B] }))).toEqual(['b@x.org']);
  });

  it('nor does removal prove it', () => {
    const lines = [active(5), to(6, 'a@x.org', bounced), ...notice(6), active(10), to(11, 'b@x.org', bounced)];
    expect(evidence([...lines, removed(11)]).kind).toBe(GOING_ON);
    expect(evidence([...lines, ...notice(11, { id: OTHER }), removed(12)]).kind).toBe('over');
  });

  it('expired mail has a notice behind that line', () => {
    const expired = at(11, `qmgr[1]: ${ID}: from=<s@example.com>, status=expired, returned to sender`);
    const lines = [active(5), to(6, 'a@x.org', bounced), ...notice(6), active(10), expired];
    expect(evidence([...lines, removed(11)]).kind).toBe(GOING_ON);
    expect(evidence([...lines, ...notice(11, { id: OTHER }), removed(12)]).kind).toBe('over');
  });

  it('what the postmaster gets is not for the sender', () => {
    const lines = [active(9), to(10, 'a@x.org', bounced), to(10, 'b@x.org')];
    expect(evidence([...lines, ...notice(11, { whom: 'postmaster' }), removed(12)]).kind).toBe(GOING_ON);
    expect(evidence([...lines, ...notice(11), removed(12)]).kind).toBe('over');
  });

  it('a notice that was owed when the snapshot was taken, too', () => {
    const owed = { recipients: [], pending: true, logs: ['bounce'] };
    expect(evidence([active(9), removed(12)], owed).kind).toBe(GOING_ON);
    expect(evidence([active(9), ...notice(11), removed(12)], owed).kind).toBe('over');
  });
});

describe('a content filter', () => {
  const piped = { by: 'pipe', relay: 'filter', text: 'delivered via filter service' };
  const scanned = { relay: 'scan[127.0.0.1]:10024' };

  it('has not given back what another message of the same Message-ID was', () => {
    const lines = [
      messageId(-60, ID, 'one@x'),
      active(-60, ID, one),
      messageId(5, OTHER, 'one@x'),
      active(5, OTHER, one),
      to(10, 'a@x.org', piped),
      removed(10),
      to(10, 'b@x.org', { id: OTHER, arrived: 5, ...piped }),
      removed(10, OTHER),
      messageId(11, NEXT, 'one@x'),
      active(11, NEXT, one),
    ];
    const filtered = { recipients: [A], content_filter: 'filter:dummy' };
    const back = (address: string): string[] => [to(12, address, { id: NEXT, arrived: 11 }), removed(12, NEXT)];
    expect(evidence([...lines, ...back('b@x.org')], filtered).kind).toBe(GOING_ON);
  });

  it('has not given back what it has of another one of the archive', () => {
    const lines = [
      messageId(-60, ID, 'one@x'),
      messageId(-59, OTHER, 'one@x'),
      active(9, ID, one),
      to(10, 'a@x.org', piped),
      removed(10),
      active(9, OTHER, one),
      to(10, 'a@x.org', { id: OTHER, ...piped }),
      removed(10, OTHER),
    ];
    const filtered = { recipients: [A], content_filter: 'filter:dummy' };
    expect(doneOf(evidence(lines, filtered, { also: [OTHER] }))).toEqual([]);
  });

  it.each([
    ['the ID that it answers with', `250 2.0.0 Ok: queued as ${NEXT}`],
    ['the Message-ID', 'delivered via filter service'],
  ])('has given back to one recipient what is under way to the other, by %s', (_, text) => {
    const lines = [
      messageId(-60, ID, 'one@x'),
      active(9),
      messageId(9, NEXT, 'one@x'),
      active(9, NEXT),
      to(10, 'a@x.org', { text, ...scanned }),
      to(10, 'b@x.org', { text, ...scanned }),
      removed(10),
      to(12, 'b@x.org', { id: NEXT, arrived: 9, status: 'deferred' }),
    ];
    const filtered = { content_filter: 'scan:[127.0.0.1]:10024' };
    const given = to(12, 'a@x.org', { id: NEXT, arrived: 9 });
    expect(doneOf(evidence(lines, filtered))).toEqual([]);
    expect(doneOf(evidence([...lines, given], filtered))).toEqual(['a@x.org']);
    const rewritten = given.replace(', relay=', ', orig_to=<list@x.org>, relay=');
    expect(doneOf(evidence([...lines, rewritten], filtered))).toEqual([]);
    const returned = to(12, 'a@x.org', { id: NEXT, arrived: 9, status: 'bounced' });
    expect(doneOf(evidence([...lines, returned], filtered))).toEqual([]);
    expect(doneOf(evidence([...lines, returned, ...notice(13, { of: NEXT })], filtered))).toEqual(['a@x.org']);
  });

  describe.each([
    ['the ID that it answers with', `250 2.0.0 Ok: queued as ${NEXT}`, 'scan:[127.0.0.1]:10024'],
    ['the Message-ID', '250 ok', 'scan:[127.0.0.1]:10024'],
    ['the ID of a relay to itself, without a filter', `250 2.0.0 Ok: queued as ${NEXT}`, undefined],
  ])('that is followed by %s', (_, text, content_filter) => {
    const BOSS = 'boss@x.org';
    /** What is delivered behind it, told that so many recipients came in there. */
    function behind(nrcpt: number, told: readonly string[], recipients: readonly string[] = [BOSS]): string[] | string {
      const lines = [
        messageId(-60, ID, 'one@x'),
        active(-60, ID, `from=<s@example.com>, size=280, nrcpt=${recipients.length}`),
        messageId(9, NEXT, 'one@x'),
        active(9, NEXT, `from=<s@example.com>, size=400, nrcpt=${nrcpt}`),
        ...recipients.map((address) => to(10, address, { text, ...scanned })),
        removed(10),
        ...told,
      ];
      const message = { recipients: recipients.map((address) => ({ address })), content_filter };
      return doneOf(evidence(lines, message));
    }
    const back = (address: string, told: Told = {}): string => to(12, address, { id: NEXT, arrived: 9, ...told });
    const deferred = { status: 'deferred', relay: 'none' };

    it('a virtual alias that holds itself is not done while another of it has nothing', () => {
      const assistant = back('assistant@far.org', { ...deferred, of: BOSS });
      expect(behind(2, [back(BOSS)])).toEqual([]);
      expect(behind(2, [back(BOSS), assistant])).toEqual([]);
      // As the log has it with enable_original_recipient = no.
      expect(behind(2, [back(BOSS), back('assistant@far.org', deferred)])).toEqual([]);
      const has = back('assistant@far.org', { of: BOSS });
      expect(behind(2, [back(BOSS), has])).toEqual([]);
      expect(behind(2, [back(BOSS), has, removed(13, NEXT)])).toBe('over');
    });

    it('nor is one while another recipient was dropped, so that the counts are alike', () => {
      const others = [BOSS, 'b@x.org'];
      expect(behind(2, [back(BOSS)], others)).toEqual([]);
      expect(behind(2, [back(BOSS), back('assistant@far.org', { ...deferred, of: BOSS })], others)).toEqual([]);
      expect(behind(1, [back(BOSS), back(BOSS, deferred)], others)).toEqual([BOSS]);
    });

    it('nor is one while a blind copy has nothing', () => {
      expect(behind(2, [back(BOSS)])).toEqual([]);
      expect(behind(2, [back(BOSS), back('archive@x.org', deferred)])).toEqual([]);
    });

    it('a recipient is done that stands for itself while the alias of another one waits', () => {
      const waits = [back('x@far.org', { ...deferred, of: 'list@x.org' }), back('y@far.org', { of: 'LIST@x.org' })];
      expect(behind(3, [back(BOSS), ...waits], [BOSS, 'list@x.org'])).toEqual([BOSS]);
      expect(behind(4, [back(BOSS), ...waits], [BOSS, 'list@x.org'])).toEqual([]);
    });

    it('nobody is done by what was expanded once more in a requeue', () => {
      const requeued = at(13, `pickup[8]: ${SHORT}: uid=102 from=<s@example.com> orig_id=${NEXT}`);
      expect(behind(1, [back(BOSS), back(BOSS, deferred)])).toEqual([BOSS]);
      expect(behind(1, [back(BOSS), back(BOSS, deferred), requeued])).toEqual([]);
    });
  });

  it('has not given back a second copy of the same Message-ID that is on its way into it', () => {
    const filtered = { recipients: [A], content_filter: 'scan:[127.0.0.1]:10024' };
    const lines = [
      messageId(-60, ID, 'one@x'),
      active(-60, ID, one),
      to(10, 'a@x.org', scanned),
      removed(10),
      messageId(11, OTHER, 'one@x'),
      active(11, OTHER, one),
    ];
    const copy = (address: string, relay = scanned.relay): string[] => [
      to(12, address, { id: OTHER, arrived: 11, relay }),
      removed(12, OTHER),
    ];
    const back = [
      messageId(13, NEXT, 'one@x'),
      active(13, NEXT, one),
      to(14, 'a@x.org', { id: NEXT, arrived: 13 }),
      removed(14, NEXT),
    ];
    expect(doneOf(evidence([...lines, ...copy('a@x.org')], filtered))).toEqual([]);
    // Another host of the filter.
    expect(doneOf(evidence([...lines, ...copy('a@x.org', 'scan2[192.0.2.7]:10024')], filtered))).toEqual([]);
    // One came back: nobody can tell which.
    expect(doneOf(evidence([...lines, ...copy('a@x.org'), ...back], filtered))).toEqual([]);
    expect(evidence([...lines, ...copy('b@x.org'), ...back], filtered).kind).toBe('over');
  });

  it('sees once more what is requeued', () => {
    const requeued = at(21, `pickup[8]: ${NEXT}: uid=102 from=<s@example.com> orig_id=${ID}`);
    const sent = ['a@x.org', 'b@x.org'].map((address) => to(22, address, { id: NEXT, ...piped }));
    const lines = [active(9), requeued, active(21, NEXT), ...sent, removed(22, NEXT)];
    expect(evidence(lines).kind).toBe('over');
    expect(evidence(lines, {}, { contentFilter: 'filter:dummy' }).kind).toBe(GOING_ON);
  });
});

test('recipients that had it before the snapshot do not stand for those behind a requeue', () => {
  const requeued = at(20, `pickup[8]: ${NEXT}: uid=102 from=<s@example.com> orig_id=${ID}`);
  const lines = [active(-50, ID, 'from=<s@example.com>, size=280, nrcpt=3'), to(-49, 'z@x.org'), to(10, 'a@x.org')];
  expect(evidence([...lines, requeued, removed(22, NEXT)]).kind).toBe(GOING_ON);
  const told = to(21, 'b@x.org', { id: NEXT });
  expect(evidence([...lines, requeued, told, removed(22, NEXT)]).kind).toBe('over');
});

test('an address that looks like the rest of a line ends nobody', () => {
  // As the log has it before Postfix 3.5, or with info_log_addr_form = internal.
  const forged = 'a@x.org>, relay=none, delay=70, delays=0/0/0/0, dsn=2.0.0, status=sent (x@evil.example';
  const lines = [active(9), to(10, forged, { status: 'deferred' }), to(10, 'a@x.org', { status: 'deferred' })];
  expect(doneOf(evidence(lines))).toEqual([]);
});

test('what can not be printed is no address', () => {
  expect(isOf({ to: '??@x.org' }, { address: '??@x.org' })).toBe(false);
  expect(isOf({ to: 'a@x.org' }, { address: 'a@x.org' })).toBe(true);
  expect(isOf({ to: 'a@x.org', origTo: 'list@x.org' }, { address: 'a@x.org' })).toBe(false);
  expect(isOf({ to: 'a@x.org', origTo: 'l@x.org' }, { address: 'a@x.org', orig_address: 'l@x.org' })).toBe(true);
  expect(isOf({ to: 'a b@x.org' }, { address: '"a b"@x.org' })).toBe(true);
});

test('lines of another host are not of this message', () => {
  const lines = [active(9, SHORT), to(10, 'a@x.org', { id: SHORT, status: 'deferred' })];
  const gone = (host: string): string => at(20, `postsuper[9]: ${SHORT}: removed`, host);
  expect(evidence([...lines, gone('other')], { queue_id: SHORT }).kind).toBe('doubt');
  expect(evidence([...lines, gone('mail')], { queue_id: SHORT }).kind).toBe('over');
});

test.each([ID, SHORT])('a line that two logs have is one line (%s)', (id) => {
  const lines = [active(9, id), to(10, 'a@x.org', { id }), to(10, 'b@x.org', { id }), removed(11, id)];
  const twice = lines.flatMap((line) => [line, line]);
  expect(evidence(twice, { queue_id: id }).kind).toBe('over');
});

test.each([
  ['the ID that it answers with', `250 2.0.0 Ok: queued as ${NEXT}`],
  ['the Message-ID', '250 ok'],
])('thousands of recipients that go on as one message are judged at once, by %s', (_, text) => {
  const recipients = Array.from({ length: 20_000 }, (_, index) => ({ address: `u${index}@x.org` }));
  const told = `from=<s@example.com>, size=280, nrcpt=${recipients.length}`;
  const lines = [
    messageId(-60, ID, 'one@x'),
    active(9, ID, told),
    messageId(9, NEXT, 'one@x'),
    active(9, NEXT, told),
    ...recipients.map(({ address }) => to(10, address, { text, relay: 'scan[127.0.0.1]:10024' })),
    removed(10),
    ...recipients.map(({ address }, index) =>
      to(11, address, { id: NEXT, arrived: 9, status: index === 0 ? 'deferred' : 'sent' }),
    ),
  ];
  const last = [to(12, 'u0@x.org', { id: NEXT, arrived: 9 }), removed(12, NEXT)];
  const filtered = { recipients, content_filter: 'scan:[127.0.0.1]:10024' };
  expect(doneOf(evidence(lines, filtered))).toHaveLength(recipients.length - 1);
  expect(evidence([...lines, ...last], filtered).kind).toBe('over');
});
