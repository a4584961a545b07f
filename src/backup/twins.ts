/**
 * One message may be in the archive under two IDs: as it was in maildrop or before `postsuper -r`, and as the file that
 * pickup(8) and cleanup(8) made of it, when both names were in one listing, whose directories are read one after the
 * other. Both files have the same T record, to the microsecond: cleanup(8) keeps the first that it is given
 * (cleanup_envelope.c).
 */

import type { CopyTable } from './copy-table.ts';

/**
 * Whether a copy that counts as queued has the T record of another one, and its file is gone. Another listing, after that,
 * tells which it is: it does not have the old name, and what is new in it is read. Different messages may have the same
 * T record: that costs a listing, and nothing else. So mail is never left out because it looks like other mail.
 */
export function hasVanishedTwin(copies: CopyTable, isThere: (copy: number) => boolean): boolean {
  for (const group of groupsOfEqualArrival(copies)) {
    if (group.length > 1 && group.some((copy) => !isThere(copy))) {
      return true;
    }
  }
  return false;
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
