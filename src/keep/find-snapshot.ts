/** One snapshot of a store, by the words of whoever wants it. */

import type { LineChoice } from '../store/line-name.ts';
import { type SnapshotChoice, selectNewest, selectSnapshot } from '../store/select.ts';
import { type StoredSnapshot, snapshotsIn } from '../store/snapshot.ts';
import type { Store } from '../store/store.ts';

export interface FindOptions extends SnapshotChoice {
  readonly store: Store;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * @throws OperatorError `not-found`; `usage`: there are several
 * @throws SystemError
 */
export async function findSnapshot({ store, now, ...choice }: FindOptions): Promise<StoredSnapshot> {
  return selectSnapshot(snapshotsIn(await store.list()), { ...choice, storeName: store.name }, now);
}

export interface FindNewestOptions extends LineChoice {
  readonly store: Store;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * The newest of all hosts and instances that are meant.
 *
 * @throws OperatorError `not-found`
 * @throws SystemError
 */
export async function findNewest({ store, now, ...choice }: FindNewestOptions): Promise<StoredSnapshot> {
  return selectNewest(snapshotsIn(await store.list()), { ...choice, storeName: store.name }, now);
}
