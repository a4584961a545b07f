/**
 * The one byte by which Postfix marks a recipient done: the type of its record, R, becomes D (deliver_completed.c). The
 * fingerprint stays the same.
 */

import type { Recipient } from './envelope.ts';
import type { QueueFileExamination } from './examine.ts';
import { RECORD_TYPE } from './record-type.ts';

/** What the type of a recipient's record becomes. */
export const DONE_MARK: Uint8Array = Uint8Array.of(RECORD_TYPE.done);

/**
 * Where the marks of recipients stand that are still to do, and that are chosen. Of messages with more recipients than an
 * examination holds the first ones.
 */
export function* marksOf(
  { envelope, mutableBytes }: Pick<QueueFileExamination, 'envelope' | 'mutableBytes'>,
  isChosen: (recipient: Recipient) => boolean,
): Generator<number> {
  let number = 0;
  for (const { offset, standIn } of mutableBytes) {
    if (standIn === RECORD_TYPE.recipient) {
      const recipient = envelope.recipients[number];
      number += 1;
      if (recipient !== undefined && !recipient.done && isChosen(recipient)) {
        yield offset;
      }
    }
  }
}
