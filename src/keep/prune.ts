/**
 * `prune`: removes what no rule keeps, by one listing, the oldest first. An archive goes before its marks: so a snapshot
 * that is listed is never shown with less than is known of it, and marks alone are swept a day later. Whatever it is cut
 * off at, what is left is what the rules keep, and perhaps more, which the next run removes (test/fault/store-crash.test.ts).
 */

import { OperatorError } from '../errors.ts';
import { isEmptyPolicy, type KeepRules } from '../store/retention.ts';
import { straysIn } from '../store/snapshot.ts';
import type { Store } from '../store/store.ts';
import { judge, type KeepOptions, type SnapshotVerdict } from './snapshots.ts';

export interface PruneOptions extends KeepOptions {
  readonly rules: KeepRules;
  /** Remove nothing. */
  readonly dryRun?: boolean;
}

export interface PruneReport {
  readonly dryRun: boolean;
  /** All snapshots that were looked at, line by line, the oldest first; what has no reason was removed. */
  readonly verdicts: readonly SnapshotVerdict[];
  /** What crashes had left half done a day ago or more: keys. */
  readonly swept: readonly string[];
}

/**
 * @throws OperatorError `usage`: the rules keep nothing; `not-found`: there is no store
 * @throws SystemError: what was removed by then is removed
 */
export async function prune(options: PruneOptions): Promise<PruneReport> {
  if (isEmptyPolicy(options.rules)) {
    throw new OperatorError('usage', 'there is no rule that keeps anything', {
      nextStep: 'Say what is to be kept, as with restic: keep-daily 14, keep-monthly 6, or keep-within 30d.',
    });
  }
  const objects = await options.store.list();
  const verdicts = judge(objects, options);
  const swept = straysIn(objects, options.now);
  if (options.dryRun !== true) {
    for (const { snapshot } of verdicts.filter(({ keptBy }) => keptBy.length === 0)) {
      await removeAll(options.store, [snapshot.key, ...snapshot.marks]);
    }
    await removeAll(options.store, swept);
  }
  return { dryRun: options.dryRun === true, verdicts, swept };
}

/** Removes what crashes left half done a day ago or more. */
export async function sweep(store: Store, now: number): Promise<void> {
  await removeAll(store, straysIn(await store.list(), now));
}

/** One after the other: the order is the promise. (store-crash.test.ts, "any call keeps its promises") */
async function removeAll(store: Store, keys: readonly string[]): Promise<void> {
  for (const key of keys) {
    await store.remove(key);
  }
}
