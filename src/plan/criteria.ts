/**
 * What messages are chosen by, as plain data: an operation takes it, and it may be sent to a thread. All criteria that are
 * given must hold; of the values of one, any.
 */

import type { CatalogueRecipient, MessageState } from '../format/catalogue-line.ts';
import type { MessageQueueName } from '../queue/queue-name.ts';

export interface Criteria {
  /** Queue IDs, or `QUEUE_NAME/QUEUE_ID`. An empty list chooses nothing. */
  readonly ids?: readonly string[];
  readonly queues?: readonly MessageQueueName[];
  /** Addresses, `@domain` or `/regex/` (RE2), without regard to case. `<>` is the null sender. */
  readonly senders?: readonly string[];
  /** As `senders`: of a recipient that is still to do, or that a log tells of; or of what it was rewritten from. */
  readonly recipients?: readonly string[];
  /** Domains of recipients that are still to do, as the shape of a queue counts them. */
  readonly recipientDomains?: readonly string[];
  /** Domains of senders, as the shape of a queue counts them; `MAILER-DAEMON` is the null sender. */
  readonly senderDomains?: readonly string[];
  /** `/regex/` (RE2): of why a recipient is delayed or was returned, from the logs. */
  readonly reasons?: readonly string[];
  /** Reasons, or kinds of them: any of the same kind, whatever addresses and numbers it names. */
  readonly reasonKinds?: readonly string[];
  readonly states?: readonly MessageState[];
  /** Seconds since the arrival, more than this. */
  readonly older?: number;
  /** Seconds since the arrival, fewer than this. */
  readonly younger?: number;
  /** Seconds since the epoch: arrived before this. */
  readonly before?: number;
  /** Seconds since the epoch: arrived then, or since. */
  readonly since?: number;
  /** Bytes of the message as `postqueue -p` tells them, more than this. */
  readonly larger?: number;
  /** Bytes of the message, fewer than this. */
  readonly smaller?: number;
}

export interface SelectionOptions {
  /** What must hold. */
  readonly only?: Criteria;
  /** What must not hold, none of it. */
  readonly exclude?: Criteria;
}

export type CriterionName = keyof Criteria;

/** Why a message is not selected. */
export interface Unmatched {
  readonly criterion: CriterionName;
  /** It is what is excluded, not what is missing. */
  readonly excluded: boolean;
}

/** What is known of a message that a selection is asked about. */
export interface SelectableMessage {
  readonly queue_name: MessageQueueName;
  readonly queue_id: string;
  /** Absent while the snapshot is being taken: nobody knows yet. */
  readonly state?: MessageState;
  /** Seconds since the epoch. */
  readonly arrival_time: number;
  readonly message_size: number;
  readonly sender: string;
  readonly recipients: readonly CatalogueRecipient[];
  /** How many recipients the catalogue has no room for. */
  readonly recipients_omitted?: number | undefined;
}
