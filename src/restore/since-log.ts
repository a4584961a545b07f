/**
 * What happened to the messages of the archive since the snapshot, by the mail log. The log is read once the target is
 * looked over: what Postfix delivers meanwhile is in one of the two.
 */

import { openOrigin } from '../archive/archive-source.ts';
import type { MessageLine } from '../format/catalogue-line.ts';
import { LogCoverage, type TimeSpan } from '../mail-log/coverage.ts';
import { type Evidence, evidenceOf } from '../mail-log/evidence.ts';
import { LogLineReader } from '../mail-log/log-line.ts';
import { MailLog } from '../mail-log/mail-log.ts';
import type { Place } from '../queue/place.ts';
import { QueueIdTable } from '../table/queue-id-table.ts';
import { mergedLines } from './log-lines.ts';
import type { LogReport } from './options.ts';
import type { RestoreRequest } from './request.ts';
import { requeuedIn } from './requeued.ts';
import type { Surroundings } from './surroundings.ts';

/** A log that root has opened. */
export interface GivenLog {
  readonly name: string;
  readonly fd: number;
}

/** What the logs tell. */
export interface SinceLog {
  readonly evidence: (message: MessageLine) => Evidence;
  /** Where a message stands in the target that went on under another ID, by the log. */
  readonly find: (message: MessageLine, queueId: string) => Place | undefined;
  readonly report: LogReport;
}

const MILLISECONDS = 1000;
const DEFAULT_SYSLOG_NAME = 'postfix';

/**
 * @throws ArchiveError: a log can't be unpacked
 * @throws OperatorError: likewise
 */
export async function readSinceLog(
  surroundings: Surroundings,
  { archive }: Pick<RestoreRequest, 'archive'>,
  logs: readonly GivenLog[],
): Promise<SinceLog> {
  const { fs, now, warnings, control } = surroundings;
  const sought = new QueueIdTable();
  for (const line of archive.catalogue()) {
    if (line.kind === 'message') {
      sought.add(line.queue_id);
    }
  }
  const seconds = now().getTime() / MILLISECONDS;
  const snapshot = snapshotTime(archive, seconds);
  const log = new MailLog({
    syslogName: syslogNameOf(archive),
    isSought: (queueId) => sought.find(queueId) !== -1,
    contentFilter: archive.header.parameters['content_filter'] ?? '',
    complete: snapshot.finished,
  });
  const coverage = new LogCoverage({ from: snapshot.started, to: seconds });
  const opened = logs.map(({ name, fd }) => ({ name, source: openOrigin(fs, { fd }) }));
  const onDisorder = (name: string): void =>
    warnings.tell(
      `${name}: its lines are not in the order of time: what stands behind the first disorder was passed over`,
    );
  const reader = new LogLineReader(seconds);
  for await (const lines of mergedLines(opened, { now: seconds, signal: control.signal, onDisorder })) {
    for (const { time, line } of lines) {
      coverage.add(time);
      const read = reader.read(line);
      if (read !== undefined) {
        log.add({ ...read, time });
      }
    }
  }
  return {
    evidence: (message) => evidenceOf(log, message, snapshot),
    find: requeuedIn(surroundings),
    report: reportOf(coverage),
  };
}

function snapshotTime({ header, seal }: RestoreRequest['archive'], now: number): TimeSpanOfSnapshot {
  const started = Date.parse(header.started) / MILLISECONDS;
  const finished = Date.parse(seal.finished) / MILLISECONDS;
  // Of an archive whose times are lost nothing is known: then no line is later.
  return { started: Number.isNaN(started) ? now : started, finished: Number.isNaN(finished) ? now : finished };
}

interface TimeSpanOfSnapshot {
  readonly started: number;
  readonly finished: number;
}

function syslogNameOf({ header }: Pick<RestoreRequest['archive'], 'header'>): string {
  const { parameters, instance } = header;
  const name = parameters['syslog_name'] ?? '';
  return name !== '' ? name : instance === '-' ? DEFAULT_SYSLOG_NAME : instance;
}

function reportOf(coverage: LogCoverage): LogReport {
  const spanOf = ({ from, to }: TimeSpan): { from: string; to: string } => ({ from: iso(from), to: iso(to) });
  const { span, lines } = coverage;
  return {
    lines,
    ...(span === undefined ? { from: null, to: null } : spanOf(span)),
    gaps: coverage.gaps().map(spanOf),
  };
}

function iso(seconds: number): string {
  return new Date(seconds * MILLISECONDS).toISOString();
}
