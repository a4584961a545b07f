/** What a backup did, in words. */

import type { BackupReport } from '../../backup/options.ts';
import type { PostfixInstance } from '../../postfix/instances.ts';
import { localTime } from './local-time.ts';
import { countOf, formatBytes, formatCount, formatDuration } from './quantity.ts';
import { queueTable } from './queue-table.ts';
import { operands, shellLine, shellWord } from './shell-words.ts';
import { printable } from './stderr-line.ts';

export interface SummaryTold {
  readonly verified?: boolean;
  readonly removed?: number;
  readonly verbose?: boolean;
  /** Where an archive without a name went. */
  readonly stream?: string;
}

/**
 * What a backup took, for people.
 *
 * @param verified whether the archive was read back, and is intact
 * @param removed how many older ones retention removed
 * @param verbose whether it is told how often the queue was listed
 */
export function backupSummary(
  report: BackupReport,
  { verified = false, removed = 0, verbose = false, stream = 'stdout' }: SummaryTold = {},
): string {
  const took = Date.parse(report.finished) - Date.parse(report.started);
  const archive = report.archive === null ? undefined : printable(report.archive);
  const where = archive === undefined ? `written to ${stream}` : `in ${archive}`;
  const lines = [
    `Snapshot of ${countOf(report.messages, 'message')} of ${queueText(report)} ${where}`,
    '',
    queueTable(report),
    `Archive ${formatBytes(report.archive_bytes)}, with ${countOf(report.logs, 'log')}; taken in ${formatDuration(took)}, finished ${localTime(report.finished)}.`,
    ...(verbose ? [passLine(report)] : []),
    ...remarks(report),
    ...report.other_instances.map(notTaken),
    ...nextStep(report.archive, verified),
    ...(removed > 0
      ? [`${countOf(removed, 'older snapshot')} removed: no rule keeps ${removed === 1 ? 'it' : 'them'}.`]
      : []),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

/** As postmulti(1) writes the primary instance. */
const PRIMARY_INSTANCE = '-';

function queueText({ queue_directory, instance }: BackupReport): string {
  return printable(instance === PRIMARY_INSTANCE ? queue_directory : `${queue_directory} (instance ${instance})`);
}

function notTaken({ name, config_directory }: PostfixInstance): string {
  const instance = name === PRIMARY_INSTANCE ? 'the primary instance' : `instance ${name}`;
  return printable(`Not taken: the queue of ${instance} (-c ${shellWord(config_directory)}).`);
}

function nextStep(archive: string | null, verified: boolean): string[] {
  if (verified) {
    return ['', 'Read back: every digest is right.'];
  }
  return archive === null ? [] : ['', `Next: ${shellLine(['postsnap', 'verify', ...operands([archive])])}`];
}

/** The passes over the queue, and their times. */
function passLine({ passes, rounds }: BackupReport): string {
  const listingMs = rounds.reduce((sum, round) => sum + round.listing_ms, 0);
  const readings = rounds
    .filter(({ read }, index) => index === 0 || read > 0)
    .map(({ read, reading_ms }) => `${formatCount(read)} in ${formatDuration(reading_ms)}`);
  return `Listed ${countOf(passes, 'time')} in ${formatDuration(listingMs)}; read ${readings.join(', then ')}.`;
}

function remarks({ left, incomplete, malformed, not_selected, settled, unreadable }: BackupReport): string[] {
  const lines: string[] = [];
  if (not_selected > 0) {
    lines.push(`${countOf(not_selected, 'message')} not selected: not in the archive.`);
  }
  if (left > 0) {
    lines.push(`${countOf(left, 'message')} left the queue meanwhile: in the archive, not restored unless asked.`);
  }
  if (incomplete > 0) {
    lines.push(`${countOf(incomplete, 'file')} still being written: not taken.`);
  }
  if (malformed > 0) {
    lines.push(`${countOf(malformed, 'queue file')} with broken records: taken as they are.`);
  }
  if (unreadable.length > 0) {
    lines.push(`${countOf(unreadable.length, 'file')} could not be read: NOT in the archive.`);
  }
  if (!settled) {
    lines.push('The queue did not settle: mail that moved may be MISSING. Take another backup.');
  }
  return lines;
}
