/** `pin` and `unpin`: whether a snapshot may ever be removed. The pin is a mark beside the archive. */

import { markKey } from '../store/archive-name.ts';
import type { StoredSnapshot } from '../store/snapshot.ts';
import { type FindOptions, findSnapshot } from './find-snapshot.ts';

/** @returns the snapshot, as it was before */
export async function pin(options: FindOptions): Promise<StoredSnapshot> {
  const snapshot = await findSnapshot(options);
  await options.store.mark(markKey(snapshot, { kind: 'pin' }));
  return snapshot;
}

/** @returns the snapshot, as it was before */
export async function unpin(options: FindOptions): Promise<StoredSnapshot> {
  const snapshot = await findSnapshot(options);
  await options.store.remove(markKey(snapshot, { kind: 'pin' }));
  return snapshot;
}
