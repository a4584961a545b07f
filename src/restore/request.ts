/** What is to be restored: an archive that is open, and what is asked for of it. */

import type { ArchiveReader } from '../archive/archive-reader.ts';
import type { MessageLine } from '../format/catalogue-line.ts';
import type { Selection } from '../plan/selection.ts';
import type { RestoreOptions } from './options.ts';

export interface RestoreRequest {
  readonly archive: Pick<ArchiveReader, 'header' | 'seal' | 'catalogue' | 'runs'>;
  /** Messages of a damaged archive that are known to be lost. */
  readonly lost: readonly MessageLine[];
  /** Bytes of a damaged archive of which nobody knows what they held. */
  readonly unaccountedBytes: number;
  /** Whether it is known of all that the archive held. */
  readonly isAccounted: boolean;
  readonly options: Omit<RestoreOptions, 'onMapping' | 'onPlan'>;
  /** What the options choose. */
  readonly selection: Selection;
}
