/** What an import did, in words. */

import type { ImportReport } from '../../import/options.ts';
import { localTime } from './local-time.ts';
import { countOf, formatBytes } from './quantity.ts';
import { queueTable } from './queue-table.ts';
import { operands, shellLine } from './shell-words.ts';
import { printable } from './stderr-line.ts';

/** What an import took, for people. @param stream where an archive without a name went */
export function importSummary(report: ImportReport, stream = 'stdout'): string {
  const archive = report.archive === null ? undefined : printable(report.archive);
  const where = archive === undefined ? `written to ${stream}` : `in ${archive}`;
  const lines = [
    `${countOf(report.messages, 'message')} of the tar ${where}`,
    '',
    queueTable(report),
    `Archive ${formatBytes(report.archive_bytes)}, with ${countOf(report.logs, 'log')}. The tar was made on ${localTime(report.started)}, or later.`,
    ...remarks(report),
    ...(report.archive === null
      ? []
      : ['', `Next: ${shellLine(['postsnap', 'verify', ...operands([report.archive])])}`]),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function remarks({ incomplete, malformed, skipped, not_selected, passed_over }: ImportReport): string[] {
  const lines: string[] = [];
  if (not_selected > 0) {
    lines.push(`${countOf(not_selected, 'message')} not selected: not taken.`);
  }
  if (malformed > 0) {
    lines.push(`${countOf(malformed, 'queue file')} with broken records: taken as they are.`);
  }
  if (incomplete > 0) {
    lines.push(`${countOf(incomplete, 'file')} still being written when the tar was made: not taken.`);
  }
  const missing = skipped.filter((entry) => entry.missing).length;
  if (missing > 0) {
    lines.push(`${countOf(missing, 'file')} could not be taken: NOT in the archive.`);
  }
  if (passed_over > 0) {
    lines.push(
      `${countOf(passed_over, 'entry', 'entries')} without mail passed over: directories, sockets, other files.`,
    );
  }
  return lines;
}
