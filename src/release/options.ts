/** What a release is asked for, and what it reports. The names of the report are those of its JSON. */

import type { Pace } from '../pace.ts';
import type { SelectionOptions } from '../plan/criteria.ts';

export interface ReleaseOptions {
  /** Postfix's configuration directory; its own default when absent. */
  readonly configDirectory?: string;
  /** Which of the held messages; all when absent. */
  readonly selection?: SelectionOptions;
  /** So many in that time at most; absent: all at once. */
  readonly pace?: Pace;
  readonly dryRun?: boolean;
  /** Told of each message that was asked for. */
  readonly onMapping?: (mapping: ReleaseMapping) => void;
}

/** What became of a held message. */
export interface ReleaseMapping {
  readonly queue_id: string;
  /**
   * `released`: by `postsuper -H`, under the same queue ID; `requeued`: by `postsuper -r`, and pickup(8) gives it another
   * one (in the mail log, `orig_id=`); `failed`: it is on hold still.
   */
  readonly action: 'released' | 'requeued' | 'failed';
}

export interface ReleaseReport {
  readonly queue_directory: string;
  readonly dry_run: boolean;
  /** Or would be: requeued ones, too. */
  readonly released: number;
  /** Of those, by `postsuper -r`: they are older than Postfix keeps mail. */
  readonly requeued: number;
  /** Not asked for. */
  readonly left_on_hold: number;
  readonly failed: number;
  /** Why, in the words of postsuper(1); empty where nothing failed. */
  readonly failure: string;
  readonly missing_ids: readonly string[];
}
