/** Messages that left the source queue and went on in it under another ID. */

import type { CatalogueLine, MessageLine } from '../format/catalogue-line.ts';
import { lastingSender } from '../record/lineage.ts';
import { LineageTable } from '../table/lineage-table.ts';

/**
 * Which of the messages that left the source queue went on under another ID in it, and are in the archive under that one as
 * well: pickup(8) and `postsuper -r` give new files, of the same lineage.
 *
 * @param anySender whether cleanup(8) may have made another sender of one
 */
export function successorsIn(
  catalogue: Iterable<CatalogueLine>,
  { anySender }: { readonly anySender: boolean },
): (message: MessageLine) => boolean {
  const queued = new LineageTable();
  const pickedUp = new LineageTable();
  for (const line of catalogue) {
    if (line.kind === 'message') {
      const descent = { ...line, sender: lastingSender(line.sender) };
      if (line.state === 'queued') {
        queued.noteOrigin(descent, 0);
      }
      if (line.queue_name !== 'maildrop') {
        pickedUp.noteOrigin(descent, 0);
      }
    }
  }
  return (message) => {
    const descent = { ...message, sender: lastingSender(message.sender) };
    const hasSuccessor = (table: LineageTable): boolean => table.successorOf(descent, anySender) !== undefined;
    return (
      message.state === 'left' &&
      (hasSuccessor(queued) || (message.queue_name === 'maildrop' && hasSuccessor(pickedUp)))
    );
  };
}
