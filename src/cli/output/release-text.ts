/** The words for a release. */

import type { ReleaseReport } from '../../release/options.ts';
import { countOf } from './quantity.ts';
import { printable } from './stderr-line.ts';

export function releaseText(report: ReleaseReport): string {
  const { queue_directory, dry_run, released, requeued, left_on_hold: left } = report;
  const head = `${dry_run ? 'Would release' : 'Released'} ${countOf(released, 'message')} of ${printable(queue_directory)}.`;
  const old =
    requeued === 0
      ? ''
      : ` Of them ${countOf(requeued, 'message')} by postsuper -r: after postsuper -H Postfix would return what is so old after one try. ${dry_run ? 'They would get' : 'They have got'} new queue IDs, and go through cleanup again.`;
  return `${head}${old}${left === 0 ? '' : ` ${countOf(left, 'message')} left on hold.`}\n`;
}
