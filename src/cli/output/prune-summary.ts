/** What a prune kept and removed, for people. */

import type { PruneReport } from '../../keep/prune.ts';
import { countOf } from './quantity.ts';
import { printable } from './stderr-line.ts';

/** A line for each archive, then the sums. */
export function pruneSummary({ dryRun, verdicts, swept }: PruneReport): string {
  const removed = dryRun ? 'would be removed' : 'removed';
  const lines = verdicts.map(
    ({ snapshot, keptBy }) =>
      `${printable(snapshot.key)}: ${keptBy.length === 0 ? removed : `kept: ${keptBy.join(', ')}`}`,
  );
  const count = verdicts.filter(({ keptBy }) => keptBy.length === 0).length;
  const sums = `${countOf(verdicts.length - count, 'snapshot')} kept, ${count} ${removed}.`;
  const strays = swept.length === 0 ? [] : [`Left half done by a crash: ${countOf(swept.length, 'file')} ${removed}.`];
  return [...lines, ...(lines.length > 0 ? [''] : []), sums, ...strays].map((line) => `${line}\n`).join('');
}
