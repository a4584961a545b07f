/** The words for a release. */

import type { ReleaseReport } from '../../release/options.ts';
import { countOf } from './quantity.ts';

export function releaseText({ dry_run, released, requeued, left_on_hold: left }: ReleaseReport): string {
  const head = `${dry_run ? 'Would release' : 'Released'} ${countOf(released, 'message')}.`;
  const old =
    requeued === 0
      ? ''
      : ` Of them ${countOf(requeued, 'message')} by postsuper -r: after postsuper -H Postfix would return what is so old after one try. ${dry_run ? 'They would get' : 'They have got'} new queue IDs, and go through cleanup again.`;
  return `${head}${old}${left === 0 ? '' : ` ${countOf(left, 'message')} left on hold.`}\n`;
}
