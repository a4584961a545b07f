/** What an archive says of itself, in words. */

import type { InfoReport } from '../../inspect/info.ts';
import { localTime } from './local-time.ts';
import { countOf, formatBytes } from './quantity.ts';
import { queueTable } from './queue-table.ts';
import { printable } from './stderr-line.ts';
import { formatTable } from './table.ts';

/** What an archive is, for people. */
export function infoText(report: InfoReport, archive: string): string {
  const rows = [
    ['Host', report.myhostname],
    ['Instance', report.instance === '-' ? 'the primary one' : report.instance],
    ['Postfix', report.mail_version],
    ['Queue directory', report.queue_directory],
    ...(report.source === 'tar' ? [['Made of', 'a tar of a queue']] : []),
    ['Begun', localTime(report.started)],
    ['Finished', localTime(report.finished)],
    ['Snapshot', report.snapshot_id],
    ['Size', `${formatBytes(report.archive_bytes)}, of ${formatBytes(report.bytes)} in the queue`],
    ['Written by', `postsnap ${report.tool_version}, archive format ${report.format}`],
    ['Encrypted', report.encrypted ? 'yes' : 'no'],
    ['Signed', report.signed_by === null ? 'no' : `by ${report.signed_by}`],
  ];
  const facts = formatTable(
    rows.map((row) => row.map(printable)),
    ['left', 'left'],
  );
  const remarks = remarksOf(report).map((line) => `${line}\n`);
  return [`Snapshot of ${countOf(report.messages, 'message')} in ${archive}\n\n`, facts, '\n', queueTable(report)]
    .concat(remarks.length === 0 ? [] : ['\n', ...remarks])
    .join('');
}

/** What is not as one might think. */
function remarksOf({ left, incomplete, malformed, settled, unreadable }: InfoReport): string[] {
  return [
    ...(left > 0 ? [`${countOf(left, 'message')} left the queue meanwhile: in the archive as well.`] : []),
    ...(incomplete > 0 ? [`${countOf(incomplete, 'file')} still being written: not in the archive.`] : []),
    ...(malformed > 0 ? [`${countOf(malformed, 'queue file')} with broken records.`] : []),
    ...(unreadable > 0 ? [`${countOf(unreadable, 'file')} could not be read: NOT in the archive.`] : []),
    ...(settled ? [] : ['The queue did not settle: mail that moved may be MISSING.']),
  ];
}
