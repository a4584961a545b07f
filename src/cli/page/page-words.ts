/** What the parts of a page are told besides their data: how commands are written, and what time it is. */

import type { SelectionOptions } from '../../plan/criteria.ts';

export interface PageWords {
  /** The command that lists what a selection has; undefined where it can't be had. */
  readonly list: (selection: SelectionOptions | null) => string | undefined;
  /** The options alone that a selection adds to the command that lists all. */
  readonly options: (selection: SelectionOptions | null) => string | undefined;
  /** The commands of what was asked for besides. */
  readonly diff: string | undefined;
  readonly restore: string | undefined;
  /** Milliseconds since the epoch: ages are told from it. */
  readonly now: number;
}
