import { describe, expect, test } from 'vitest';
import type { Additions } from '../../../src/report/queue-report.ts';
import { redacted } from '../../../src/report/redaction.ts';
import { messageLine } from '../../support/archive/catalogue-message.ts';
import { groupsOf } from '../../support/report/groups-of.ts';
import { STARTED, sampleLines } from '../../support/report/sample-queue-lines.ts';
import { INFO, pageOf, reportOn } from '../../support/report/sample-report.ts';

const NAMES = [
  'alice',
  'Müller',
  'acme',
  'mx7',
  'mordor',
  'smaug',
  'bilbo',
  'shire',
  'frodo',
  'gondor',
  'isengard',
  '192.0.2.1',
  '15551234567',
];

const LINES = [
  messageLine({
    sender: 'alice.smaug@acme.example',
    recipients: [
      {
        address: 'bilbo@shire.example',
        delay_reason: 'connect to mx7.shire.example[192.0.2.1]:25: Connection timed out',
      },
      { address: 'Müller', delay_reason: 'unknown user: "Müller", mailbox 15551234567' },
    ],
    arrival_time: STARTED - 60,
  }),
  messageLine({
    queue_name: 'hold',
    sender: 'MAILER-DAEMON',
    recipients: [
      { address: 'frodo@shire.example', delay_reason: 'host mordor[::1] said: 550 5.7.1 gondor says: no, smaug!' },
    ],
    malformed: ['attribute isengard=1 is odd'],
    arrival_time: STARTED - 60,
  }),
];

const ADDITIONS: Additions = {
  changes: {
    archive: {
      snapshot_id: 'x',
      myhostname: 'mx7.acme.example',
      instance: 'postfix-acme',
      started: INFO.started,
      messages: 1,
    },
    counts: { same: 0, changed: 0, only_left: 1, only_right: 0 },
    changes: [],
    moves: [],
    domains: [{ domain: 'shire.example', gone: 1, come: 0 }],
    more_domains: 0,
  },
  restore: {
    into: 'queues',
    target: {
      queue_directory: '/srv/acme/queue',
      instance: 'postfix-acme',
      mail_version: '3.7.11',
      running: true,
      messages: 0,
    },
    restored: 1,
    proven: false,
    routes: [],
    concerns: [
      {
        severity: 'info',
        messages: 1,
        text: '1 message left out: restored before from /backup/mx7.acme.tar.zst',
        examples: [],
      },
    ],
  },
};

describe('a report without names', () => {
  const archive = {
    ...INFO,
    myhostname: 'mx7.acme.example',
    instance: 'postfix-acme',
    queue_directory: '/srv/acme/queue',
  };
  const report = reportOn(LINES, { archive }, ADDITIONS);
  const bare = redacted(report);

  test('has none, as JSON and as a page', () => {
    for (const text of [JSON.stringify(bare), pageOf(bare)]) {
      for (const name of NAMES) {
        expect(text.toLowerCase()).not.toContain(name.toLowerCase());
      }
    }
    expect(JSON.stringify(report)).toContain('mordor');
  });

  test('has the same code for the same name, in each run', () => {
    const [row] = bare.recipients.rows;
    expect(row?.domain).toMatch(/^h-[a-z2-9]{6}$/u);
    expect(bare.changes?.domains[0]?.domain).toBe(row?.domain);
    expect(bare.held[0]?.recipient).toMatch(new RegExp(`^u-[a-z2-9]{6}@${row?.domain}$`, 'u'));
    expect(bare.changes?.archive.myhostname).toBe(bare.archive.myhostname);
    expect(redacted(reportOn(LINES, { archive, now: STARTED + 99_999 }, ADDITIONS)).recipients).toEqual(
      bare.recipients,
    );
  });

  test('has other codes for another archive: names can not be tried out', () => {
    const other = redacted(reportOn([...LINES, messageLine({ sender: 'x@y.example' })], { archive }));
    const codes = (told: typeof other) => told.recipients.rows.map(({ domain }) => domain);
    expect(codes(other).filter((code) => codes(bare).includes(code))).toEqual([]);
  });

  test('leaves the numbers, the null sender and what Postfix says', () => {
    expect(bare.total).toEqual(report.total);
    expect(bare.senders.rows.map(({ domain }) => domain)).toContain('MAILER-DAEMON');
    const reasons = bare.reasons.groups.map(({ reason }) => reason);
    expect(reasons).toContainEqual(expect.stringMatching(/^connect to \*x-\w{6}\[\*\]:\*: Connection timed out$/u));
    expect(reasons).toContainEqual(
      expect.stringMatching(/^host x-\w{6}\[\*\] said: 550 5\.7\.1 x-\w{6} x-\w{6}: no, x-\w{6}!?$/u),
    );
  });

  test('has no selection that names anybody', () => {
    const named = groupsOf(redacted(reportOn(sampleLines(300)))).map(({ selection }) => JSON.stringify(selection));
    expect(named.filter((text) => /Domains|senders|recipients|reason/u.test(text))).toEqual([]);
    expect(named.length).toBeGreaterThan(20);
  });
});
