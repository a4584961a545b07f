/**
 * One message may be in the archive under two IDs: as it was in maildrop or before `postsuper -r`, and as the file that
 * pickup(8) and cleanup(8) made of it. The old one may still have been in the last listing. Both have the same T record,
 * to the microsecond: cleanup(8) keeps the first one that it is given (cleanup_envelope.c), and sendmail(1) writes one.
 */

import type { CopyTable } from './copy-table.ts';

/**
 * Marks the copies as left whose successor is in the archive, and that are gone by now.
 *
 * Different messages may have the same T record too. So a predecessor is told by two things: its file is gone, and there are
 * as many successors as there were predecessors. Where that is not so, all stay: mail that is there twice is better than none.
 */
export function markSuperseded(copies: CopyTable, isThere: (copy: number) => boolean): void {
  for (const group of groupsOfEqualArrival(copies)) {
    const generations = byGeneration(copies, group);
    for (const [at, older] of generations.entries()) {
      const newer = generations[at + 1] ?? [];
      if (newer.length >= older.length) {
        for (const copy of older.filter((number) => !copies.hasLeft(number) && !isThere(number))) {
          copies.setLeft(copy, true);
        }
      }
    }
  }
}

/** A file in maildrop comes before what was read in the same round elsewhere: mail goes that way only. */
function generationOf(copies: CopyTable, number: number): number {
  const { round, isMaildrop } = copies.get(number);
  return round * 2 + (isMaildrop ? 0 : 1);
}

function byGeneration(copies: CopyTable, group: readonly number[]): number[][] {
  const generations = new Map<number, number[]>();
  for (const number of group) {
    const generation = generationOf(copies, number);
    generations.set(generation, [...(generations.get(generation) ?? []), number]);
  }
  return [...generations].sort(([one], [other]) => one - other).map(([, members]) => members);
}

/** Only what can have a predecessor or be one is held: what was in maildrop, and what a later round read. */
function groupsOfEqualArrival(copies: CopyTable): Iterable<number[]> {
  const groups = new Map<number, number[]>();
  for (let number = 0; number < copies.size; number += 1) {
    const { arrival, round, isMaildrop } = copies.get(number);
    if (arrival !== undefined && (round > 1 || isMaildrop)) {
      groups.set(arrival, []);
    }
  }
  for (let number = 0; groups.size > 0 && number < copies.size; number += 1) {
    const { arrival } = copies.get(number);
    if (arrival !== undefined) {
      groups.get(arrival)?.push(number);
    }
  }
  return groups.values();
}
