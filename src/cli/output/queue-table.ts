/** A table of the messages and bytes in each queue. */

import type { CatalogueTotals } from '../../format/seal.ts';
import { MESSAGE_QUEUES } from '../../queue/queue-name.ts';
import { formatBytes, formatCount } from './quantity.ts';
import { formatTable } from './table.ts';

/** Messages and bytes by queue, and in all. */
export function queueTable({ by_queue, messages }: Pick<CatalogueTotals, 'by_queue' | 'messages'>): string {
  const rows = [['queue', 'messages', 'size']];
  let bytes = 0;
  for (const name of MESSAGE_QUEUES) {
    const totals = by_queue[name];
    if (totals !== undefined && totals.messages > 0) {
      bytes += totals.bytes;
      rows.push([name, formatCount(totals.messages), formatBytes(totals.bytes)]);
    }
  }
  rows.push(['in all', formatCount(messages), formatBytes(bytes)]);
  return formatTable(rows, ['left', 'right', 'right']);
}
