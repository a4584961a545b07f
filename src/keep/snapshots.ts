/** `snapshots`: what a store holds, and why each is kept. */

import type { LineChoice } from '../store/line-name.ts';
import { judgeLine, type KeepRules, NO_RULES, type Verdict } from '../store/retention.ts';
import { chosenLines } from '../store/select.ts';
import { byLine, type StoredSnapshot, snapshotsIn } from '../store/snapshot.ts';
import type { Store, StoredObject } from '../store/store.ts';

export interface KeepOptions extends LineChoice {
  readonly store: Store;
  /** None: only what holds whatever the rules keeps anything. */
  readonly rules?: KeepRules | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export type SnapshotVerdict = Verdict<StoredSnapshot>;

/**
 * The snapshots of a store, line by line, the oldest first, with what keeps each.
 *
 * @throws OperatorError `not-found`: there is no store
 * @throws SystemError
 */
export async function snapshots(options: KeepOptions): Promise<SnapshotVerdict[]> {
  return judge(await options.store.list(), options);
}

/** The verdicts that a listing gives. Pure. */
export function judge(objects: readonly StoredObject[], options: Omit<KeepOptions, 'store'>): SnapshotVerdict[] {
  const chosen = chosenLines(snapshotsIn(objects), options);
  return [...byLine(chosen).values()].flatMap((line) => judgeLine(line, options.rules ?? NO_RULES, options.now));
}
