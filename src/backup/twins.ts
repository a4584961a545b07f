/**
 * One message may be in the archive under two IDs: as it was in maildrop or before `postsuper -r`, and as the file that
 * pickup(8) and cleanup(8) made of it, when both names were in one listing, whose directories are read one after the
 * other. Both files have the same T record, to the microsecond: cleanup(8) keeps the first that it is given
 * (cleanup_envelope.c).
 */

import type { QueueName } from '../queue/queue-name.ts';
import type { Copy, CopyTable } from './copy-table.ts';

/**
 * `gone`: the file of one is gone, and another listing tells what became of it. `in maildrop`: one stands there, and the
 * other may be made of it: alike in all that lasts, or unlike, which a Milter can have done.
 */
export type Twins = 'no' | 'gone' | 'alike, in maildrop' | 'unlike, in maildrop';

/**
 * Whether two copies that count as queued may be one message: they have the same T record, and the file of one is gone, or
 * is still in maildrop, where pickup(8) removes it once cleanup(8) has answered. Another listing, after that, tells which it
 * is: it does not have the old name, and what is new in it is read. Different messages may have the same T record: that
 * costs some listings, and nothing else. So mail is never left out because it looks like other mail.
 *
 * @param whereIs the queue that a copy's file is in now; undefined if it is gone
 */
export function mayHaveTwins(copies: CopyTable, whereIs: (copy: number) => QueueName | undefined): Twins {
  let answer: Twins = 'no';
  for (const group of groupsOfEqualArrival(copies)) {
    if (group.length > 1) {
      const found = group.map((copy) => ({ copy: copies.get(copy), queue: whereIs(copy) }));
      if (found.some(({ queue }) => queue === undefined)) {
        return 'gone';
      }
      answer = strongest(answer, twinsIn(found));
    }
  }
  return answer;
}

interface FoundCopy {
  readonly copy: Copy;
  readonly queue: QueueName | undefined;
}

/** Of a group whose files are all there. */
function twinsIn(found: readonly FoundCopy[]): Twins {
  const submitted = found.filter(({ queue }) => queue === 'maildrop');
  const others = found.filter(({ queue }) => queue !== 'maildrop');
  if (submitted.length === 0 || others.length === 0) {
    return 'no';
  }
  return submitted.some((one) => others.some((other) => mayBeMadeOf(one.copy, other.copy)))
    ? 'alike, in maildrop'
    : 'unlike, in maildrop';
}

/** What stands in maildrop now, and stood elsewhere when it was read (`postsuper -r`), has not the number that tells. */
function mayBeMadeOf(submitted: Copy, made: Copy): boolean {
  const isKnown = submitted.queueName === 'maildrop' && submitted.kin !== undefined && made.kin !== undefined;
  return !isKnown || submitted.kin === made.kin;
}

function strongest(one: Twins, other: Twins): Twins {
  return one === 'alike, in maildrop' || other === 'no' ? one : other;
}

/** The queued copies of each arrival time that something has which was in maildrop, or was read in a later round. */
function groupsOfEqualArrival(copies: CopyTable): Iterable<number[]> {
  const groups = new Map<number, number[]>();
  for (let number = 0; number < copies.size; number += 1) {
    const { arrival, round, queueName } = copies.get(number);
    if (arrival !== undefined && (round > 1 || queueName === 'maildrop')) {
      groups.set(arrival, []);
    }
  }
  for (let number = 0; groups.size > 0 && number < copies.size; number += 1) {
    const { arrival } = copies.get(number);
    if (arrival !== undefined && !copies.hasLeft(number)) {
      groups.get(arrival)?.push(number);
    }
  }
  return groups.values();
}
