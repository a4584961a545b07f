/**
 * One message may be in the archive under two IDs: as it was in maildrop or before `postsuper -r`, and as the file that
 * pickup(8) and cleanup(8) made of it, when both names were in one listing, whose directories are read one after the
 * other. Both files have the same T record, to the microsecond: cleanup(8) keeps the first that it is given
 * (cleanup_envelope.c).
 */

import type { QueueName } from '../queue/queue-name.ts';
import type { CopyTable } from './copy-table.ts';

/**
 * Whether two copies that count as queued may be one message: they have the same T record, and the file of one is gone, or
 * is still in maildrop, where pickup(8) removes it once cleanup(8) has answered. Another listing, after that, tells which it
 * is: it does not have the old name, and what is new in it is read. Different messages may have the same T record: that
 * costs some listings, and nothing else. So mail is never left out because it looks like other mail.
 *
 * @param whereIs the queue that a copy's file is in now; undefined if it is gone
 */
export function mayHaveTwins(
  copies: CopyTable,
  whereIs: (copy: number) => QueueName | undefined,
): 'no' | 'gone' | 'in maildrop' {
  let answer: 'no' | 'in maildrop' = 'no';
  for (const group of groupsOfEqualArrival(copies)) {
    if (group.length > 1) {
      const queues = new Set(group.map(whereIs));
      if (queues.has(undefined)) {
        return 'gone';
      }
      if (queues.has('maildrop') && queues.size > 1) {
        answer = 'in maildrop';
      }
    }
  }
  return answer;
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
