/** One snapshot of a store, by the words of whoever wants it. */

import { type SnapshotChoice, selectSnapshot } from '../store/select.ts';
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
