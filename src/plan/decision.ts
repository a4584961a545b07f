/** What is decided about a message of the archive: that it is restored, and how, or that it is left out, and why. */

import type { MessageLine } from '../format/catalogue-line.ts';
import type { LoggedRecipient } from '../mail-log/logged-message.ts';
import type { Place } from '../queue/place.ts';
import type { MessageQueueName } from '../queue/queue-name.ts';
import type { Reason } from './reason.ts';

/** What becomes of a message of the archive. */
export type RestoreAction =
  | 'restored'
  | 'already_present'
  | 'already_restored'
  | 'delivered_since'
  | 'left'
  | 'not_selected'
  | 'damaged'
  | 'failed';

/** A message that will be restored. */
export interface PlannedMessage {
  readonly kind: 'restore';
  readonly message: MessageLine;
  readonly destination: MessageQueueName;
  /** The permission bits that make it ready. */
  readonly mode: number;
  /** Whether the archived time of last modification is kept: it is the retry schedule of a deferred message. */
  readonly keepsTime: boolean;
  /** Whether its defer, bounce and trace logs go with it. */
  readonly withLogs: boolean;
  /** A submission that Milters have not seen yet: it keeps its submitter. */
  readonly genuine: boolean;
  /** Recipients that have it since, by the mail log: they are marked done. */
  readonly done: readonly LoggedRecipient[];
  /** How many recipients of its line they are. */
  readonly recipientsDone: number;
  /** The mail log tells of its queue ID what does not fit it. */
  readonly isInDoubt: boolean;
}

/** A message for which nothing is to be done. */
export interface OmittedMessage {
  readonly kind: 'omit';
  readonly message: MessageLine;
  /** `restored`: by this run already, which finished a restore that had been cut off. */
  readonly action: RestoreAction;
  readonly reason: Reason;
  /** Where the same message stands in the target. */
  readonly place?: Place;
}

export type Decision = PlannedMessage | OmittedMessage;
