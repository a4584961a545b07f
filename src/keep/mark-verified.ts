/** The mark of a snapshot that was read back and found whole. */

import { markKey, parseKey, type SnapshotName } from '../store/archive-name.ts';
import type { Store } from '../store/store.ts';

/**
 * Marks a snapshot as verified now. The new mark is durable before an older one goes: at no moment has a verified snapshot
 * none. (store-crash.test.ts, "any call keeps its promises")
 *
 * @param marks - the keys of the marks that it has
 */
export async function markVerified(
  store: Store,
  snapshot: SnapshotName & { readonly marks: readonly string[] },
  now: number,
): Promise<void> {
  const key = markKey(snapshot, { kind: 'verified', time: now });
  await store.mark(key);
  for (const old of snapshot.marks) {
    if (old !== key && parseKey(old)?.kind === 'verified') {
      await store.remove(old);
    }
  }
}
