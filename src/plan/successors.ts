import type { CatalogueLine, MessageLine } from '../format/catalogue-line.ts';
import { createFingerprintSet } from '../table/digest-set.ts';

/**
 * Which of the messages that left the source queue went on under another ID in it, and are in the archive under that one as
 * well: pickup(8) and `postsuper -r` give new files, with the same arrival and addresses.
 */
export function successorsIn(catalogue: Iterable<CatalogueLine>): (message: MessageLine) => boolean {
  const queued = createFingerprintSet();
  const pickedUp = createFingerprintSet();
  for (const line of catalogue) {
    if (line.kind === 'message' && line.arrival_microseconds !== undefined) {
      if (line.state === 'queued') {
        queued.add(line.submission);
      }
      if (line.queue_name !== 'maildrop') {
        pickedUp.add(line.submission);
      }
    }
  }
  return ({ state, queue_name, submission, arrival_microseconds }) =>
    state === 'left' &&
    arrival_microseconds !== undefined &&
    (queued.has(submission) || (queue_name === 'maildrop' && pickedUp.has(submission)));
}
