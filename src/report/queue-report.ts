/** What a report on a queue tells, as a value: its names are those of the JSON. Each number has the selection that it counts. */

import type { InfoReport } from '../inspect/info.ts';
import type { SelectionOptions } from '../plan/criteria.ts';
import type { MessageQueueName } from '../queue/queue-name.ts';
import type { QueueChanges } from './queue-changes.ts';
import type { RestoreOutlook } from './restore-outlook.ts';

/** Messages, and what selects just these of the archive; null where no selection does. */
export interface Group {
  readonly messages: number;
  readonly selection: SelectionOptions | null;
}

export interface SizedGroup extends Group {
  /** Of the messages, as postqueue(1) tells their sizes. */
  readonly bytes: number;
}

export interface QueueGroup extends SizedGroup {
  readonly queue_name: MessageQueueName;
}

/** A domain, with its recipients by age; of senders messages. */
export interface DomainRow extends SizedGroup {
  readonly domain: string;
  readonly recipients: number;
  readonly ages: readonly number[];
}

/** What qshape(1) tells. */
export interface AgeTable {
  /** Columns: each age is below its limit, in minutes; null is the last one, which has none. */
  readonly columns: readonly { readonly below_minutes: number | null; readonly selection: SelectionOptions | null }[];
  readonly total: Omit<DomainRow, 'domain'>;
  readonly rows: readonly DomainRow[];
  /** The domains without a row of their own, summed: a message counts for each of them. Null where there are none. */
  readonly others: (Omit<DomainRow, 'domain' | 'selection'> & { readonly domains: number | null }) | null;
}

export interface ArrivalBin extends Group {
  /** ISO 8601; null in the first bin where that is open. */
  readonly from: string | null;
  /** Null: open. */
  readonly to: string | null;
  readonly by_queue: Readonly<Partial<Record<MessageQueueName, number>>>;
}

export interface SizeBin extends SizedGroup {
  /** Bigger than this. */
  readonly above: number;
  /** Not bigger; null: open. */
  readonly to: number | null;
}

export interface ReasonGroup extends Group {
  readonly reason: string;
}

export interface ReportedMessage {
  readonly queue_name: MessageQueueName;
  readonly queue_id: string;
  readonly arrival_time: string | null;
  readonly message_size: number;
  readonly sender: string;
  /** The first. */
  readonly recipient: string | null;
  readonly recipients: number;
  /** Of the first recipient that has one. */
  readonly reason: string | null;
  readonly selection: SelectionOptions;
}

export type OddKind = 'malformed' | 'corrupt' | 'saved' | 'forced-expiry' | 'left';

export interface Expiring extends Group {
  /** Within this time from when the report was made. */
  readonly within_seconds: number;
  /** Those that are past their lifetime already. */
  readonly past: number;
  readonly maximal_queue_lifetime: string;
  readonly bounce_queue_lifetime: string;
}

/** What is told besides the archive itself, where it was asked for. */
export interface Additions {
  readonly changes: QueueChanges | null;
  readonly restore: RestoreOutlook | null;
}

export interface QueueReport extends Additions {
  readonly kind: 'queue';
  /** When the report was made: ISO 8601. */
  readonly made: string;
  readonly archive: InfoReport & {
    /** When it was last read back and found whole; null where nobody knows. */
    readonly verified: string | null;
  };
  readonly total: SizedGroup & { readonly oldest: string | null; readonly newest: string | null };
  readonly by_queue: readonly QueueGroup[];
  /** Null where the source's lifetimes are not known. */
  readonly expiring: Expiring | null;
  readonly recipients: AgeTable;
  readonly senders: AgeTable;
  readonly arrivals: { readonly step_seconds: number; readonly bins: readonly ArrivalBin[] };
  readonly sizes: readonly SizeBin[];
  readonly reasons: {
    readonly groups: readonly ReasonGroup[];
    /** Kinds of reasons that are not shown, and the messages that they are of: one counts for each. */
    readonly others: { readonly kinds: number | null; readonly messages: number } | null;
  };
  readonly largest: readonly ReportedMessage[];
  /** The oldest that are on hold. */
  readonly held: readonly ReportedMessage[];
  readonly odd: readonly (Group & { readonly kind: OddKind })[];
  /** The first of those that are malformed. */
  readonly malformed: readonly {
    readonly queue_name: MessageQueueName;
    readonly queue_id: string;
    readonly faults: readonly string[];
    readonly selection: SelectionOptions;
  }[];
}
