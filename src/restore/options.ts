import type { ArchiveLocation } from '../archive-location.ts';
import type { MessageQueueName } from '../queue/queue-name.ts';

/** Where messages go: back to their queues, through pickup and cleanup once more, or all on hold for review. */
export type RestoreRoute = 'queues' | 'maildrop' | 'hold';

export interface RestoreOptions {
  /** A path, or a location. */
  readonly archive: string | ArchiveLocation;
  /** Postfix's configuration directory; its own default when absent. */
  readonly configDirectory?: string;
  /** The queue directory, instead of the configuration's. */
  readonly queueDirectory?: string;
  /** Postfix parameters that override the configuration's. */
  readonly overrides?: Readonly<Record<string, string>>;
  readonly into?: RestoreRoute;
  /** Prove the archive and plan, but change nothing. */
  readonly dryRun?: boolean;
  /** Only messages that were in these queues. `corrupt` and `saved` are restored only when named. */
  readonly queues?: readonly MessageQueueName[];
  /** Also messages that left the source queue while the snapshot was taken. */
  readonly includeLeft?: boolean;
  /** With `into: 'maildrop'`: held messages too. */
  readonly releaseHeld?: boolean;
  /** Restore what is intact in a damaged or cut archive. */
  readonly salvage?: boolean;
  /** Restore although a journal says that it was done before. */
  readonly again?: boolean;
  /** Worker threads; 0 does all in this thread. */
  readonly workers?: number;
  /** Told for each message of the archive where it went, or why not. */
  readonly onMapping?: (mapping: MessageMapping) => void;
}

/** What became of a message of the archive. */
export type RestoreAction =
  | 'restored'
  | 'already_present'
  | 'already_restored'
  | 'left'
  | 'not_selected'
  | 'damaged'
  | 'failed';

/** Old and new place of a message: a line of the map. */
export interface MessageMapping {
  readonly queue_name: MessageQueueName;
  readonly queue_id: string;
  readonly new_queue_name: MessageQueueName | null;
  readonly new_queue_id: string | null;
  readonly action: RestoreAction;
  readonly reason: string | null;
}

/** The result of a restore. The counts of the actions add up to the number of messages in the archive. */
export interface RestoreReport {
  readonly snapshot_id: string;
  readonly into: RestoreRoute;
  readonly dry_run: boolean;
  readonly restored: number;
  readonly already_present: number;
  readonly already_restored: number;
  readonly left: number;
  readonly not_selected: number;
  readonly damaged: number;
  readonly failed: number;
  /** Bytes of a salvaged archive that are lost, and of which nobody knows what they held: its catalogue is lost, too. */
  readonly unaccounted_bytes: number;
  readonly warnings: readonly string[];
}
