import { seededRandom } from './random.ts';

/** Something that was done and not made durable: after a crash it may be there or not. */
export interface PendingChange {
  readonly kind: 'add' | 'remove' | 'rename' | 'data' | 'mode' | 'owner' | 'times';
  readonly inode: bigint;
  /** The name in its directory, for add, remove and rename (the new one). */
  readonly name?: string;
}

/** Which of the pending changes a crash leaves on disk. */
export interface CrashChoice {
  readonly title: string;
  keeps(change: PendingChange): boolean;
  /** Of a write that is kept, how many of its bytes reach the disk; the rest stays zeros. */
  keptBytes(length: number): number;
}

/** Only what was made durable. */
export const nothingMore: CrashChoice = { title: 'nothing more', keeps: () => false, keptBytes: (length) => length };

/** All that was done, as if the disk had been quick. */
export const everything: CrashChoice = { title: 'everything', keeps: () => true, keptBytes: (length) => length };

/** Everything but the file data: names without content, as ext4 with delayed allocation may leave them. */
export const everythingButData: CrashChoice = {
  title: 'everything but data',
  keeps: ({ kind }) => kind !== 'data',
  keptBytes: (length) => length,
};

/** Each change by the throw of a coin; kept writes are sometimes torn. The same seed makes the same choice. */
export function bySeed(seed: number): CrashChoice {
  const random = seededRandom(seed);
  return {
    title: `seed ${seed}`,
    keeps: () => random() < 0.5,
    keptBytes: (length) => (random() < 0.5 ? length : Math.floor(random() * (length + 1))),
  };
}

/** The extremes, then so many seeded choices. */
export function crashChoices(seeds: number): CrashChoice[] {
  return [nothingMore, everything, everythingButData, ...Array.from({ length: seeds }, (_, seed) => bySeed(seed))];
}
