/** What an import takes, and what it tells. */

import type { ArchiveLocation } from '../archive-location.ts';
import type { QueueTotals } from '../format/seal.ts';
import type { SelectionOptions } from '../plan/criteria.ts';
import type { MessageQueueName } from '../queue/queue-name.ts';

export interface ImportOptions {
  /** The tar: a path, or a location. Plain, or compressed by gzip or zstd. */
  readonly tar: string | ArchiveLocation;
  /** The path of the new archive, or a location. */
  readonly archive: string | ArchiveLocation;
  /** Which queue directory to take, where the tar holds several: as its name stands in the tar. */
  readonly directory?: string | undefined;
  /** The host that the queue was of (myhostname), which no tar tells. */
  readonly hostname?: string | undefined;
  /** zstd's, 1 to 19; 3 when absent. */
  readonly level?: number | undefined;
  /** Only these messages, ages counted from now; all when absent. */
  readonly selection?: SelectionOptions | undefined;
}

/** An entry of the tar that is not in the archive. */
export interface SkippedEntry {
  /** As it stands in the tar. */
  readonly name: string;
  readonly reason: string;
  /** False: nothing of its mail is missing from the archive. */
  readonly missing: boolean;
}

/** As a backup's, and what only a tar has. */
export interface ImportReport {
  /** Its path; null where it went to standard output. */
  readonly archive: string | null;
  readonly source: 'tar';
  readonly snapshot_id: string;
  /** When the tar was made, at the earliest: the latest time in it. ISO 8601 with zone, as `finished`. */
  readonly started: string;
  /** When it was taken in. */
  readonly finished: string;
  readonly messages: number;
  /** Always 0: a tar does not tell what left the queue meanwhile. */
  readonly left: number;
  readonly logs: number;
  /** Files that were still being written when the tar was made: not taken, and each in `skipped`. */
  readonly incomplete: number;
  /** Always empty: what could not be taken is in `skipped`. */
  readonly unreadable: readonly [];
  readonly by_queue: Readonly<Partial<Record<MessageQueueName, QueueTotals>>>;
  readonly bytes: number;
  readonly archive_bytes: number;
  readonly passes: number;
  /** Nothing moved while the tar was read. Whether mail moved while it was made, nobody can tell. */
  readonly settled: boolean;
  readonly malformed: number;
  readonly skipped: readonly SkippedEntry[];
  /** Messages that were not asked for. */
  readonly not_selected: number;
  /** Queue IDs that were named, and that no message of the tar has. */
  readonly missing_ids: readonly string[];
  /** Recipients were asked for, and some message has more than the catalogue has room for: those were not searched. */
  readonly unsearched_recipients: boolean;
  /** Entries that hold no mail: directories, sockets, locks, Postfix's own files. */
  readonly passed_over: number;
}
