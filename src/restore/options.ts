/** What a restore is asked for, and what it reports. The names of the report are those of its JSON. */

import type { ArchiveLocation } from '../archive-location.ts';
import type { Pace, PaceOrder } from '../pace.ts';
import type { SelectionOptions } from '../plan/criteria.ts';
import type { RestoreAction } from '../plan/decision.ts';
import type { RestoreRoute } from '../plan/destination.ts';
import type { Finding, FindingCode } from '../plan/finding.ts';
import type { Reason } from '../plan/reason.ts';
import type { RouteTotals } from '../plan/routes.ts';
import type { MessageQueueName } from '../queue/queue-name.ts';

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
  /** With `dryRun`: read nothing but the catalogue. The archive is not proven then. */
  readonly quick?: boolean;
  /** Only messages that were in these queues. `corrupt` and `saved` are restored only when named. */
  readonly queues?: readonly MessageQueueName[];
  /** Only these; all when absent. Of its queues the same holds. */
  readonly selection?: SelectionOptions;
  /** Also messages that left the source queue while the snapshot was taken. */
  readonly includeLeft?: boolean;
  /** With `into: 'maildrop'`: held messages too. */
  readonly releaseHeld?: boolean;
  /** Restore what is intact in a damaged or cut archive. */
  readonly salvage?: boolean;
  /** Restore although a journal says that it was done before. */
  readonly again?: boolean;
  /** Mail that waits for its next try gets the time of now, so that Postfix tries it at once. */
  readonly retryNow?: boolean;
  /** So many messages are made ready in that time at most; absent: all at once. It holds for what was cut off, too. */
  readonly pace?: Pace;
  /** Worker threads; 0 does all in this thread. */
  readonly workers?: number;
  /** Mail logs: what Postfix has delivered, returned or deleted since the snapshot is not restored. Paths, or locations. */
  readonly sinceLog?: readonly (string | ArchiveLocation)[];
  /** Told once the plan is made, before anything is staged. In a dry run the mappings are told before, as it is made. */
  readonly onPlan?: (told: RestoreOutset) => void;
  /** Told for each message of the archive where it went, or why not. */
  readonly onMapping?: (mapping: MessageMapping) => void;
}

/** Old and new place of a message. */
export interface MessageMapping {
  readonly queue_name: MessageQueueName;
  readonly queue_id: string;
  readonly new_queue_name: MessageQueueName | null;
  readonly new_queue_id: string | null;
  readonly action: RestoreAction;
  readonly reason: Reason | null;
  /** What should be known of it. */
  readonly findings: readonly FindingCode[];
}

/** Whose archive it is. */
export interface RestoredArchive {
  readonly myhostname: string;
  /** `-` is the primary instance. */
  readonly instance: string;
  /** What it was made of: a queue directory, or a tar of one, which can't tell all of it. */
  readonly source: 'queue' | 'tar';
  /** ISO 8601 with zone. */
  readonly started: string;
  /** Empty where it is not known: the archive is cut. */
  readonly finished: string;
  readonly messages: number;
}

/** Where it is restored to. */
export interface RestoreTarget {
  readonly queue_directory: string;
  readonly instance: string;
  /** Empty where no Postfix is installed. */
  readonly mail_version: string;
  /** Null where it can't be told. */
  readonly running: boolean | null;
  /** In its queues before the restore. */
  readonly messages: number;
}

/** A span of time: ISO 8601 with zone. */
export interface LogSpan {
  readonly from: string;
  readonly to: string;
}

/** How much of the time since the snapshot the mail logs tell of. */
export interface LogReport {
  /** Lines that have a time. */
  readonly lines: number;
  /** The first line's time, and the last one's; null where there is none. */
  readonly from: string | null;
  readonly to: string | null;
  /** Between the snapshot and now: spans of more than an hour that no line is of. */
  readonly gaps: readonly LogSpan[];
}

/** The room that a restore takes, and what there is. */
export interface RestoreRoom {
  readonly bytes_needed: number;
  readonly bytes_free: number;
  readonly inodes_needed: number;
  /** Null where the file system does not count them. */
  readonly inodes_free: number | null;
}

/** How long it takes at a pace. */
export interface PaceReport {
  /** As `300/min`. */
  readonly rate: string;
  readonly by: PaceOrder;
  /** For all messages that are to be restored. */
  readonly seconds: number;
}

/** What is known before anything is done. */
export interface RestoreOutset {
  /** Null: all at once. */
  readonly pace: PaceReport | null;
  /** Null where none was given. */
  readonly log: LogReport | null;
  /** Recipients that are marked done, by the mail log. */
  readonly recipients_done: number;
  readonly archive: RestoredArchive;
  readonly target: RestoreTarget;
  readonly room: RestoreRoom;
  /** What should be known of the messages, from the plan. */
  readonly findings: readonly Finding[];
}

/** The result of a restore. The counts of the actions add up to the number of messages in the archive. */
export interface RestoreReport extends RestoreOutset {
  readonly snapshot_id: string;
  readonly into: RestoreRoute;
  readonly dry_run: boolean;
  /** Whether the whole archive was read, and found sound. */
  readonly proven: boolean;
  /** Where the messages go that are restored, or would be. */
  readonly routes: readonly RouteTotals[];
  readonly restored: number;
  readonly already_present: number;
  readonly already_restored: number;
  /** By the mail log Postfix has delivered, returned or deleted them since the snapshot. */
  readonly delivered_since: number;
  readonly left: number;
  readonly not_selected: number;
  readonly damaged: number;
  readonly failed: number;
  /** Queue IDs that were named, and that no message of the archive has. */
  readonly missing_ids: readonly string[];
  /** Recipients were asked for, and some message has more than the catalogue has room for: those were not searched. */
  readonly unsearched_recipients: boolean;
  /** Bytes of a salvaged archive that are lost, and of which nobody knows what they held: its catalogue is lost, too. */
  readonly unaccounted_bytes: number;
  /** False: of a salvaged archive the catalogue is lost, so nobody can tell whether anything is missing. */
  readonly accounted: boolean;
  readonly warnings: readonly string[];
}
