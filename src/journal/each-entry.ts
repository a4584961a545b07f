/** A walk over the entries of a journal that a signal can end. */

import { InterruptedError } from '../errors.ts';
import type { CurrentEntry } from './journal-file.ts';

/** Other work, signals among it, gets its turn after so many entries. */
const ENTRIES_BETWEEN_TURNS = 64;

/**
 * Does something with each entry of a journal.
 *
 * @throws InterruptedError: between two entries, when the signal says so: the same command goes on
 */
export async function eachEntry(
  { signal }: { readonly signal?: AbortSignal },
  entries: Iterable<CurrentEntry>,
  work: (entry: CurrentEntry) => void,
): Promise<void> {
  let count = 0;
  for (const entry of entries) {
    work(entry);
    count += 1;
    if (count % ENTRIES_BETWEEN_TURNS === 0) {
      await nextTurn(signal);
    }
  }
}

/**
 * Lets other work have its turn.
 *
 * @throws InterruptedError: the signal says so
 */
export async function nextTurn(signal: AbortSignal | undefined): Promise<void> {
  await new Promise<void>((resolve) => {
    setImmediate(resolve);
  });
  if (signal?.aborted === true) {
    throw new InterruptedError('interrupted', { state: 'goes-on' });
  }
}
