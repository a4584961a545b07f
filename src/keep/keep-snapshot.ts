/**
 * What a backup into a store does around the taking of the snapshot: draft, take, publish, count, verify, retain, in this
 * order. Only an archive that was read back and found whole lets older ones go.
 * (keep-snapshot.test.ts, "stays, unverified, and lets nothing go"; store-crash.test.ts, "any call keeps its promises")
 */

import { OperatorError } from '../errors.ts';
import { archiveKey, markKey, type SnapshotName, snapshotName } from '../store/archive-name.ts';
import { encodeLine, type Line } from '../store/line-name.ts';
import type { KeepRules } from '../store/retention.ts';
import type { Draft, Store } from '../store/store.ts';
import { markVerified } from './mark-verified.ts';
import { type PruneReport, prune, sweep } from './prune.ts';

/** What is to be known of a snapshot that was taken. */
export interface TakenSnapshot extends Line {
  readonly snapshotId: string;
  /** ISO 8601 with zone. */
  readonly started: string;
  readonly messages: number;
}

export interface KeepSnapshotOptions<Taken extends TakenSnapshot> {
  readonly store: Store;
  /** Writes the archive into the draft. */
  readonly take: (draft: Draft) => Promise<Taken>;
  /** Reads the archive in this file back; undefined: that was not asked for. */
  readonly prove: ((path: string) => Promise<boolean>) | undefined;
  /** Undefined: nothing is removed. */
  readonly rules: KeepRules | undefined;
  readonly clock: () => number;
}

export interface KeptSnapshot<Taken> {
  readonly taken: Taken;
  readonly name: SnapshotName;
  readonly key: string;
  readonly path: string;
  /** Undefined: not read back. */
  readonly proven: boolean | undefined;
  /** Undefined: nothing was to be removed, or the archive is not proven. */
  readonly pruned: PruneReport | undefined;
}

/**
 * What was published before an error stays.
 *
 * @throws OperatorError `output-exists`: the store has such a snapshot
 * @throws SystemError
 * @throws what `take` and `prove` throw
 */
export async function keepSnapshot<Taken extends TakenSnapshot>(
  options: KeepSnapshotOptions<Taken>,
): Promise<KeptSnapshot<Taken>> {
  const { store, prove, clock } = options;
  const { taken, name } = await publish(options);
  await store.mark(markKey(name, { kind: 'messages', count: taken.messages }));
  const key = archiveKey(name);
  const path = await store.fileOf(key);
  const proven = await prove?.(path);
  if (proven === true) {
    await markVerified(store, { ...name, marks: [] }, clock());
  }
  const pruned = proven === false ? undefined : await retain(options, taken);
  return { taken, name, key, path, proven, pruned };
}

async function publish<Taken extends TakenSnapshot>({
  store,
  take,
}: KeepSnapshotOptions<Taken>): Promise<{ readonly taken: Taken; readonly name: SnapshotName }> {
  const draft = await store.draft();
  try {
    const taken = await take(draft);
    const name = snapshotName(encodeLine(taken), { id: taken.snapshotId, started: taken.started });
    const key = archiveKey(name);
    if ((await draft.publish(key)) === 'exists') {
      throw new OperatorError('output-exists', `${store.name} has a snapshot ${key} already`, { path: store.name });
    }
    return { taken, name };
  } finally {
    await draft.discard();
  }
}

/**
 * The line of this snapshot alone: another host's clock and rules are its own. Without rules nothing is removed but what
 * crashes left half done.
 */
async function retain<Taken extends TakenSnapshot>(
  { store, rules, clock }: KeepSnapshotOptions<Taken>,
  { host, instance }: Taken,
): Promise<PruneReport | undefined> {
  if (rules === undefined) {
    await sweep(store, clock());
    return undefined;
  }
  return prune({ store, rules, host, instance, now: clock() });
}
