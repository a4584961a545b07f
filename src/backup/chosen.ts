/** The messages that a snapshot is to be of. */

import type { SelectionOptions } from '../plan/criteria.ts';
import { compileSelection, type Selection } from '../plan/selection.ts';

/** What a snapshot is to be of, as plain data. */
export interface ChosenSetup {
  readonly selection: SelectionOptions | undefined;
  /** When it is taken, in nanoseconds since the epoch: ages are counted from it. */
  readonly nowNs: bigint;
}

const NANOSECONDS = 1_000_000_000;

/** What the options choose; undefined for all. */
export async function selectionOf({ selection, nowNs }: ChosenSetup): Promise<Selection | undefined> {
  return selection === undefined ? undefined : compileSelection(selection, Number(nowNs) / NANOSECONDS);
}
