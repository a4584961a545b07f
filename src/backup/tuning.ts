/** How often a snapshot lists the queue and looks for what has moved. */

import { LOOKUP_ROUNDS } from '../spool/locate.ts';

/** How thorough the snapshot is. Anything less than the defaults misses mail: tests show it. */
export interface SnapshotTuning {
  /** Listings in a union. */
  readonly listings: number;
  /** How often a union is made again that took too long. */
  readonly attempts: number;
  /** Rounds in which what vanished is looked for in all its places. */
  readonly lookupRounds: number;
  /** Listings with reading after them while mail vanishes; 1 would be the first alone, without `left` and successors. */
  readonly maximumRounds: number;
  /** Whether what is new in a later listing is read. */
  readonly readsSuccessors: boolean;
  /** Listings with reading after them while messages may have been read under two IDs. */
  readonly maximumTwinRounds: number;
  /** As many of them as there are while nothing but the arrival speaks for that (a Milter may have changed the text), or Postfix is stopped. */
  readonly maximumUnlikeTwinRounds: number;
}

export const DEFAULT_TUNING: SnapshotTuning = {
  listings: 5,
  attempts: 3,
  lookupRounds: LOOKUP_ROUNDS,
  maximumRounds: 5,
  readsSuccessors: true,
  maximumTwinRounds: 30,
  maximumUnlikeTwinRounds: 5,
};
