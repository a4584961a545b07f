/** A report on a made-up queue, and its page: always the same. */

import { listWords } from '../../../src/cli/page/list-words.ts';
import { queuePage } from '../../../src/cli/page/queue-page.tsx';
import type { MessageLine } from '../../../src/format/catalogue-line.ts';
import type { InfoReport } from '../../../src/inspect/info.ts';
import type { Additions, QueueReport } from '../../../src/report/queue-report.ts';
import { QueueSurvey, type SurveyOptions } from '../../../src/report/queue-survey.ts';
import { STARTED } from './sample-queue-lines.ts';

const HOUR = 3600;
const DAY = 86_400;

export const INFO: InfoReport = {
  snapshot_id: '5b2a9c1e-6f0d-4c57-9d1e-0123456789ab',
  myhostname: 'mx1.ours.example',
  instance: '-',
  mail_version: '3.7.11',
  queue_directory: '/var/spool/postfix',
  started: new Date(STARTED * 1000).toISOString(),
  finished: new Date((STARTED + 4) * 1000).toISOString(),
  messages: 0,
  left: 0,
  logs: 0,
  malformed: 0,
  bytes: 1_400_000_000,
  by_queue: {},
  settled: true,
  incomplete: 0,
  unreadable: 0,
  archive_bytes: 311_000_000,
  tool_version: '0.1.0',
  format: 1,
  encrypted: false,
  signed_by: null,
  source: 'queue',
};

const LIFETIME = { text: '5d', seconds: 5 * DAY };

/** As of five hours after the snapshot. */
export function reportOn(
  lines: Iterable<MessageLine>,
  changes: Partial<SurveyOptions> = {},
  additions?: Additions,
): QueueReport {
  const survey = new QueueSurvey({
    archive: INFO,
    verified: (STARTED + HOUR) * 1000,
    lifetimes: { maximal: LIFETIME, bounce: LIFETIME },
    now: STARTED + 5 * HOUR,
    ...changes,
  });
  for (const line of lines) {
    survey.add(line);
  }
  return survey.report(additions);
}

export function pageOf(report: QueueReport): string {
  const archive = '/var/backups/mx1/queue.tar.zst';
  const words = listWords({
    archive: [archive],
    all: report.total.selection ?? {},
    diff: `postsnap diff ${archive} /var/backups/mx1/next.tar.zst`,
    restore: `postsnap restore -n ${archive}`,
    now: Date.parse(report.made),
  });
  return queuePage({ report, name: archive, words });
}

/** What a restore and another night tell besides. */
export const SAMPLE_ADDITIONS: Additions = {
  restore: {
    into: 'queues',
    target: {
      queue_directory: '/var/spool/postfix',
      instance: '-',
      mail_version: '3.7.11',
      running: false,
      messages: 12,
    },
    restored: 12_102,
    proven: false,
    routes: [
      { from: 'incoming', to: 'incoming', messages: 186, bytes: 12_100_000 },
      { from: 'active', to: 'incoming', messages: 416, bytes: 27_000_000 },
      { from: 'deferred', to: 'deferred', messages: 11_275, bytes: 781_000_000 },
      { from: 'hold', to: 'hold', messages: 225, bytes: 15_300_000 },
    ],
    concerns: [
      {
        severity: 'problem',
        messages: 4,
        text: '4 messages NOT restored: Postfix would choke on their records: no end record',
        examples: ['deferred/8E1A220011', 'deferred/91C4220FB2', 'hold/A07722109C'],
      },
      {
        severity: 'warning',
        messages: 340,
        text: "340 messages older than the maximal_queue_lifetime of 5d: Postfix tries them once more, and returns what it can't deliver",
        examples: ['deferred/02F2421046', 'deferred/03E7C21046'],
      },
      {
        severity: 'info',
        messages: 281,
        text: '281 messages left out: they stand in the target queue already',
        examples: [],
      },
    ],
  },
  changes: {
    archive: {
      snapshot_id: '7c2a9c1e-6f0d-4c57-9d1e-0123456789ab',
      myhostname: 'mx1.ours.example',
      instance: '-',
      started: new Date((STARTED + DAY) * 1000).toISOString(),
      messages: 9020,
    },
    counts: { same: 6100, changed: 1320, only_left: 5011, only_right: 1600 },
    changes: [
      { code: 'reason-changed', messages: 900 },
      { code: 'recipients-done', messages: 310 },
      { code: 'moved', messages: 120 },
    ],
    moves: [{ from: 'active', to: 'deferred', messages: 120 }],
    domains: [
      { domain: 'bigmail.example', gone: 4100, come: 700 },
      { domain: 'customer.example', gone: 600, come: 420 },
      { domain: 'shop.example', gone: 311, come: 480 },
    ],
    more_domains: 0,
  },
};
