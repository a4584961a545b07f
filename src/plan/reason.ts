/**
 * Why a message is not restored, or was not restored by this plan: a code that never changes its meaning, and the facts
 * that belong to it. The words for people are the command line's.
 */

import type { MessageQueueName } from '../queue/queue-name.ts';
import type { CriterionName } from './criteria.ts';
import type { Unfit } from './maildrop-fitness.ts';

export type Reason =
  /** The administrator named queues, and not this one. */
  | { readonly code: 'queue-not-named'; readonly queue: MessageQueueName }
  /** Of corrupt and saved, which are restored only when they are named. */
  | { readonly code: 'restored-only-when-named'; readonly queue: MessageQueueName }
  /** Of maildrop: what nobody has checked must not go on hold. */
  | { readonly code: 'unchecked-mail-not-on-hold' }
  /** Of what messages were chosen by, this does not hold. */
  | { readonly code: 'criterion-not-met'; readonly criterion: CriterionName }
  /** What was to be left out. */
  | { readonly code: 'excluded'; readonly criterion: CriterionName }
  | { readonly code: 'left-source' }
  /** It went on under another queue ID, which the archive holds as well. */
  | { readonly code: 'successor-in-archive' }
  /** The archive holds the same message under another name, which is restored. */
  | { readonly code: 'twice-in-archive' }
  | { readonly code: 'in-target' }
  | {
      readonly code: 'restored-before';
      /** What was restored then; `-` is standard input. */
      readonly archive: string;
      /** ISO 8601 with zone. */
      readonly started: string;
    }
  /** By the mail log Postfix has delivered, returned or deleted it since the snapshot. */
  | { readonly code: 'over-since' }
  /** By the mail log it went on under another queue ID, which the target holds. */
  | { readonly code: 'requeued-in-target' }
  | { readonly code: 'interrupted-restore-finished' }
  /** The system did not let it be put into its queue; it waits for the next run. */
  | { readonly code: 'not-placed'; readonly obstacle: string }
  /** It was removed from the queue before Postfix could have it. */
  | { readonly code: 'vanished' }
  /** It is in no queue, and may have been ready: Postfix may have delivered it. */
  | { readonly code: 'vanished-perhaps-delivered'; readonly queueId: string }
  /** Postfix would choke on its records. */
  | { readonly code: 'malformed-records'; readonly faults: readonly string[] }
  /** A submission that pickup(8) or cleanup(8) of this target would delete or return. */
  | ({ readonly code: 'unfit-for-maildrop' } & Unfit)
  /** Its content is damaged or missing in the archive. */
  | { readonly code: 'content-lost' };

export type ReasonCode = Reason['code'];
