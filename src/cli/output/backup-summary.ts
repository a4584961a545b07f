import type { BackupReport } from '../../backup/options.ts';
import { MESSAGE_QUEUES } from '../../queue/queue-name.ts';
import { countOf, formatBytes, formatCount, formatDuration } from './quantity.ts';
import { printable } from './stderr-line.ts';
import { formatTable } from './table.ts';

/**
 * What a backup took, for people.
 *
 * @param verified whether the archive was read back, and is intact
 */
export function backupSummary(
  report: BackupReport,
  { verified = false }: { readonly verified?: boolean } = {},
): string {
  const took = Date.parse(report.finished) - Date.parse(report.started);
  const archive = report.archive === null ? undefined : printable(report.archive);
  const place = archive === undefined ? 'written to stdout' : `in ${archive}`;
  const lines = [
    `Snapshot of ${countOf(report.messages, 'message')} ${place}`,
    '',
    formatTable(queueRows(report), ['left', 'right', 'right']),
    `Archive ${formatBytes(report.archive_bytes)}, with ${countOf(report.logs, 'log')}; taken in ${formatDuration(took)}, finished ${report.finished}.`,
    passLine(report),
    ...remarks(report),
    ...nextStep(archive, verified),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function nextStep(archive: string | undefined, verified: boolean): string[] {
  if (verified) {
    return ['', 'Read back: every digest is right.'];
  }
  return archive === undefined ? [] : ['', `Next: postsnap verify ${archive}`];
}

function queueRows({ by_queue, messages }: BackupReport): string[][] {
  const rows = [['queue', 'messages', 'size']];
  let bytes = 0;
  for (const name of MESSAGE_QUEUES) {
    const totals = by_queue[name];
    if (totals === undefined || totals.messages === 0) {
      continue;
    }
    bytes += totals.bytes;
    rows.push([name, formatCount(totals.messages), formatBytes(totals.bytes)]);
  }
  rows.push(['in all', formatCount(messages), formatBytes(bytes)]);
  return rows;
}

/** The passes over the queue, and their times. */
function passLine({ passes, rounds }: BackupReport): string {
  const listingMs = rounds.reduce((sum, round) => sum + round.listing_ms, 0);
  const readings = rounds
    .filter(({ read }, index) => index === 0 || read > 0)
    .map(({ read, reading_ms }) => `${formatCount(read)} in ${formatDuration(reading_ms)}`);
  return `Listed ${countOf(passes, 'time')} in ${formatDuration(listingMs)}; read ${readings.join(', then ')}.`;
}

function remarks({ left, incomplete, malformed, settled, unreadable }: BackupReport): string[] {
  const lines: string[] = [];
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
