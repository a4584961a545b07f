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
