/** What the log proves: each line is as Postfix 3.7 writes it. Whatever is in doubt keeps the message. */

import { describe, expect, it } from 'vitest';
import { type Evidence, evidenceOf } from '../../../src/mail-log/evidence.ts';
import { LogLineReader } from '../../../src/mail-log/log-line.ts';
import type { LoggedMessage } from '../../../src/mail-log/logged-message.ts';
import { MailLog } from '../../../src/mail-log/mail-log.ts';

const SHORT = 'ADBB5422244';
const LONG = '4hHsLb3V9Fz1k2m';
/** When the snapshot was taken; lines are so many seconds behind it. */
const SNAPSHOT = new Date(2026, 10, 27, 7, 0, 0).getTime() / 1000;
const MESSAGE: LoggedMessage = {
  queue_id: SHORT,
  arrival_time: SNAPSHOT - 60,
  arrival_microseconds: 711_611,
  sender: 's@example.com',
  message_size: 280,
  recipients: [{ address: 'a@example.org' }, { address: '"b b"@example.org' }],
};

/** A line for the log, at a time behind the snapshot. */
function at(seconds: number, text: string): string {
  const time = new Date((SNAPSHOT + seconds) * 1000).toTimeString().slice(0, 8);
  return `Nov 27 ${time} mail postfix/${text}`;
}

function active(seconds: number, id = SHORT, told = 'from=<s@example.com>, size=280, nrcpt=2'): string {
  return at(seconds, `qmgr[1]: ${id}: ${told} (queue active)`);
}

interface Told {
  readonly id?: string;
  readonly status?: string;
  readonly text?: string;
  readonly relay?: string;
  /** Of the arrival, behind the snapshot. */
  readonly arrived?: number;
}

function to(
  seconds: number,
  address: string,
  { id = SHORT, status = 'sent', text = '250 2.0.0 Ok', relay = 'mx[192.0.2.1]:25', arrived = -60 }: Told = {},
): string {
  const delay = seconds - arrived;
  return at(
    seconds,
    `smtp[2]: ${id}: to=<${address}>, relay=${relay}, delay=${delay}, delays=${delay}/0/0/0, dsn=2.0.0, status=${status} (${text})`,
  );
}

function removed(seconds: number, id = SHORT): string {
  return at(seconds, `qmgr[1]: ${id}: removed`);
}

function evidence(
  lines: readonly string[],
  changes: Partial<LoggedMessage> = {},
  also: readonly string[] = [],
): Evidence {
  const message = { ...MESSAGE, ...changes };
  const reader = new LogLineReader(SNAPSHOT + 86_400);
  const log = new MailLog({
    syslogName: 'postfix',
    isSought: (id) => id === message.queue_id || also.includes(id),
    complete: SNAPSHOT,
  });
  for (const line of lines) {
    const read = reader.read(line);
    expect(read, line).toBeDefined();
    if (read !== undefined) {
      log.add(read);
    }
  }
  return evidenceOf(log, message, { started: SNAPSHOT - 1, finished: SNAPSHOT });
}

const BOTH = [to(10, 'a@example.org'), to(11, '"b b"@example.org')];

describe('the evidence of a mail log', () => {
  it('of a message that was delivered and removed', () => {
    expect(evidence([active(9), ...BOTH, removed(12)])).toEqual({ kind: 'over' });
  });

  it('of recipients that have it, while it goes on', () => {
    expect(evidence([active(9), to(10, 'a@example.org'), to(11, '"b b"@example.org', { status: 'deferred' })])).toEqual(
      {
        kind: 'going-on',
        done: [{ to: 'a@example.org' }],
        queueId: SHORT,
      },
    );
  });

  it('is none without a line of it, or with lines from before the snapshot alone', () => {
    expect(evidence([])).toEqual({ kind: 'none' });
    expect(evidence([active(-30), to(-29, 'a@example.org')])).toEqual({ kind: 'none' });
  });

  it('of a message deleted by hand', () => {
    expect(
      evidence([active(9), to(10, 'a@example.org', { status: 'deferred' }), at(20, `postsuper[9]: ${SHORT}: removed`)]),
    ).toEqual({
      kind: 'over',
    });
  });

  it.each([
    ['another sender', [active(9, SHORT, 'from=<other@example.com>, size=280, nrcpt=2')]],
    ['another size', [active(9, SHORT, 'from=<s@example.com>, size=281, nrcpt=2')]],
    ['too few recipients', [active(9, SHORT, 'from=<s@example.com>, size=280, nrcpt=1')]],
  ])('of a short ID is in doubt by %s', (_, lines) => {
    expect(evidence([...lines, ...BOTH, removed(12)])).toEqual({ kind: 'doubt' });
  });

  it('of a short ID is in doubt by another arrival', () => {
    const lines = ['a@example.org', '"b b"@example.org'].map((address) => to(10, address, { arrived: -40 }));
    expect(evidence([active(9), ...lines, removed(12)])).toEqual({ kind: 'doubt' });
  });

  it('of a short ID that only "removed" is told of is in doubt; of a long one a recipient may be missing', () => {
    expect(evidence([removed(12)])).toEqual({ kind: 'doubt' });
    expect(evidence([removed(12, LONG)], { queue_id: LONG })).toMatchObject({ kind: 'going-on', done: [] });
  });

  it('does not take the next message of a short ID for this one', () => {
    const next = [
      at(20, `smtpd[3]: ${SHORT}: client=x[192.0.2.9]`),
      active(21),
      to(22, 'a@example.org', { arrived: 20 }),
    ];
    expect(evidence([...next, removed(23)])).toMatchObject({ kind: 'none' });
    expect(evidence([active(9), ...BOTH, removed(12), ...next, removed(23)])).toEqual({ kind: 'over' });
  });

  it('does not take it for this one where the log has a gap between the two', () => {
    const lines = [active(5), to(6, 'a@example.org', { status: 'deferred' })];
    const next = [
      active(500),
      to(501, 'a@example.org', { arrived: 499 }),
      to(501, '"b b"@example.org', { arrived: 499 }),
      removed(502),
    ];
    expect(evidence([...lines, ...next])).toMatchObject({ kind: 'going-on', done: [] });
  });

  it('keeps a message where the lines of a recipient are missing, though it was removed', () => {
    expect(evidence([active(9), to(10, 'a@example.org'), removed(12)])).toMatchObject({
      kind: 'going-on',
      done: [{ to: 'a@example.org' }],
    });
  });

  const NOTICE = 'C2806422284';
  const bounced = [
    active(9),
    to(10, 'a@example.org', { status: 'bounced', text: '550 no' }),
    to(11, '"b b"@example.org'),
  ];
  const notice = [
    at(12, `cleanup[4]: ${NOTICE}: message-id=<n@mail>`),
    active(12, NOTICE, 'from=<>, size=900, nrcpt=1'),
    at(12, `bounce[5]: ${SHORT}: sender non-delivery notification: ${NOTICE}`),
  ];
  const noticed = [to(13, 's@example.com', { id: NOTICE, arrived: 12 }), removed(13, NOTICE)];

  it('of a returned message is over when its notice has got to the sender', () => {
    expect(evidence([...bounced, ...notice, removed(12), ...noticed])).toEqual({ kind: 'over' });
    expect(evidence([...bounced, ...notice, removed(12)])).toMatchObject({ done: [{ to: '"b b"@example.org' }] });
    expect(evidence([...bounced, removed(12)])).toMatchObject({ done: [{ to: '"b b"@example.org' }] });
  });

  const NEXT = '63B0F422017';
  const requeued = [
    at(20, `postsuper[9]: ${SHORT}: requeued`),
    at(21, `pickup[8]: ${NEXT}: uid=102 from=<s@example.com> orig_id=${SHORT}`),
    at(21, `cleanup[4]: ${NEXT}: message-id=<one@x>`),
    active(21, NEXT, 'from=<s@example.com>, size=394, nrcpt=1'),
  ];

  it('follows a requeue', () => {
    const before = [active(9), to(10, 'a@example.org'), to(11, '"b b"@example.org', { status: 'deferred' })];
    expect(evidence([...before, ...requeued])).toEqual({
      kind: 'going-on',
      done: [{ to: 'a@example.org' }],
      queueId: NEXT,
    });
    const after = [to(30, '"b b"@example.org', { id: NEXT }), removed(30, NEXT)];
    expect(evidence([...before, ...requeued, ...after])).toEqual({ kind: 'over' });
  });

  it('follows what local(8) forwards', () => {
    const forwarded = { status: 'sent', text: `forwarded as ${NEXT}` };
    const lines = [
      at(10, `cleanup[4]: ${NEXT}: message-id=<one@x>`),
      active(10, NEXT, 'from=<s@example.com>, size=400, nrcpt=1'),
      to(10, 'a@example.org', forwarded),
      to(11, '"b b"@example.org'),
    ];
    expect(evidence([active(9), ...lines, removed(12)])).toMatchObject({ done: [{ to: '"b b"@example.org' }] });
    const last = [to(14, 'else@example.net', { id: NEXT, arrived: 10 }), removed(14, NEXT)];
    expect(evidence([active(9), ...lines, removed(12), ...last])).toEqual({ kind: 'over' });
    // The lines of the forwarded message are missing.
    expect(evidence([active(9), ...lines.slice(2), removed(12)])).toMatchObject({
      done: [{ to: '"b b"@example.org' }],
    });
  });

  it('follows a content filter by the ID that it answers with', () => {
    const filtered = { text: `250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as ${NEXT}` };
    const back = [
      at(10, `smtpd[3]: ${NEXT}: client=localhost[127.0.0.1]`),
      at(10, `cleanup[4]: ${NEXT}: message-id=<one@x>`),
      active(10, NEXT, 'from=<s@example.com>, size=700, nrcpt=2'),
      to(10, 'a@example.org', filtered),
      to(10, '"b b"@example.org', filtered),
    ];
    const content_filter = 'smtp:[127.0.0.1]:10024';
    expect(evidence([active(9), ...back, removed(11)], { content_filter })).toMatchObject({ done: [] });
    const last = [
      to(14, 'a@example.org', { id: NEXT, arrived: 10 }),
      to(14, '"b b"@example.org', { id: NEXT, arrived: 10 }),
      removed(14, NEXT),
    ];
    expect(evidence([active(9), ...back, removed(11), ...last], { content_filter })).toEqual({ kind: 'over' });
    // Nothing is known of what the filter gave back.
    expect(evidence([active(9), ...back.slice(3), removed(11)], { content_filter })).toMatchObject({ done: [] });
  });

  it('follows a content filter that submits mail anew by the Message-ID', () => {
    const content_filter = 'filter:dummy';
    const piped = { text: 'delivered via filter service', relay: 'filter' };
    const sent = [
      at(-60, `smtpd[3]: ${SHORT}: client=x[192.0.2.9]`),
      at(-60, `cleanup[4]: ${SHORT}: message-id=<one@x>`),
      active(9),
      to(10, 'a@example.org', piped),
      to(10, '"b b"@example.org', piped),
      removed(10),
    ];
    expect(evidence(sent, { content_filter })).toMatchObject({ done: [] });
    const back = [
      at(11, `pickup[8]: ${NEXT}: uid=99 from=<s@example.com>`),
      at(11, `cleanup[4]: ${NEXT}: message-id=<one@x>`),
      active(11, NEXT, 'from=<s@example.com>, size=700, nrcpt=2'),
    ];
    const last = [
      to(14, 'a@example.org', { id: NEXT, arrived: 11 }),
      to(14, '"b b"@example.org', { id: NEXT, arrived: 11 }),
      removed(14, NEXT),
    ];
    expect(evidence([...sent, ...back], { content_filter })).toMatchObject({ done: [] });
    expect(evidence([...sent, ...back, ...last], { content_filter })).toEqual({ kind: 'over' });
  });

  it('passes over the lines of another instance, and what strangers put into addresses and answers', () => {
    const lines = [active(9), ...BOTH, removed(12)];
    expect(evidence(lines.map((line) => line.replace('postfix/', 'postfix-out/')))).toEqual({ kind: 'none' });
    const hostile = to(10, 'a@example.org', { status: 'deferred', text: 'x), status=sent (250' });
    expect(evidence([active(9), hostile])).toMatchObject({ kind: 'going-on', done: [] });
  });
});
