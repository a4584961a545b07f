/** What a backup is asked for, and what it reports. The names of the report are those of its JSON. */

import type { ArchiveDraft, ArchiveLocation } from '../archive-location.ts';
import type { QueueTotals } from '../format/seal.ts';
import type { SelectionOptions } from '../plan/criteria.ts';
import type { PostfixInstance } from '../postfix/instances.ts';
import type { MessageQueueName } from '../queue/queue-name.ts';

export interface BackupOptions {
  /** The path of the new archive, a location, or a draft: that gets its name from whoever opened it. */
  readonly archive: string | ArchiveLocation | ArchiveDraft;
  /** Absolute; else Postfix's own default. */
  readonly configDirectory?: string | undefined;
  /** Instead of the configuration's. */
  readonly queueDirectory?: string | undefined;
  /** Parameters that override those of main.cf, as `postconf -o`. */
  readonly overrides?: Readonly<Record<string, string>> | undefined;
  /** Only what stands in these when it is listed; all when absent. */
  readonly queues?: readonly MessageQueueName[] | undefined;
  /**
   * Only these; all when absent. Of its queues the same holds. Of a message that left, what it went on as is taken with it.
   * Whether a message left is not known while it is read: to choose by state chooses nothing or all.
   */
  readonly selection?: SelectionOptions | undefined;
  /** zstd's, 1 to 19; 3 when absent. */
  readonly level?: number | undefined;
  /**
   * Proves what was written, before it gets its name: an archive that is not proven never has it. What it throws ends the
   * backup.
   *
   * @param path - of the file, under the name that it has meanwhile
   */
  readonly prove?: ((path: string) => Promise<void>) | undefined;
  /** Worker threads; 0 does all in this thread. As many as there are processors when absent. */
  readonly workers?: number | undefined;
}

/** A file, log or name that is not in the archive. */
export interface UnreadableFile {
  /** A queue, or `postsnap` for what an unfinished restore has in its own directory. */
  readonly queue_name: string;
  readonly queue_id: string;
  readonly reason: string;
}

/** What was backed up, and what was not. */
export interface BackedUpQueue {
  readonly queue_directory: string;
  /** `-` is the primary instance. */
  readonly instance: string;
  /** Instances of Postfix on this machine whose queues are not in the archive; none where the queue directory was named. */
  readonly other_instances: readonly PostfixInstance[];
}

/** Some listings back to back, and the reading of what they found and the archive had not. */
export interface RoundReport {
  readonly listings: number;
  /** Queue IDs in the listings. */
  readonly names: number;
  /** How many of them were to be read. */
  readonly read: number;
  /** How many were gone by then. */
  readonly vanished: number;
  readonly listing_ms: number;
  readonly reading_ms: number;
  /** Whether the listings took less than minimal_backoff_time. */
  readonly settled: boolean;
}

export interface BackupReport extends BackedUpQueue {
  /** Its path; null where it went to standard output. */
  readonly archive: string | null;
  readonly snapshot_id: string;
  /** ISO 8601 with zone, as `finished`. */
  readonly started: string;
  readonly finished: string;
  /** Messages that were in the queue at the end. */
  readonly messages: number;
  /** Messages in the archive that left the queue meanwhile. */
  readonly left: number;
  readonly logs: number;
  /** Files that were still being written: not taken. */
  readonly incomplete: number;
  readonly unreadable: readonly UnreadableFile[];
  /** Messages that stood in the queues at the end, and were not selected. */
  readonly not_selected: number;
  /** Queue IDs that were named, and that were not in the queues. */
  readonly missing_ids: readonly string[];
  /** Messages that were in the queue at the end, and their files' bytes. */
  readonly by_queue: Readonly<Partial<Record<MessageQueueName, QueueTotals>>>;
  /** Content of all files in the archive. */
  readonly bytes: number;
  readonly archive_bytes: number;
  /** How often the directories were listed. */
  readonly passes: number;
  /** What these listings found, and what was read after them. */
  readonly rounds: readonly RoundReport[];
  readonly settled: boolean;
  /** Queue files whose records were broken: taken all the same. */
  readonly malformed: number;
}
