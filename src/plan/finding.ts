/** What an administrator should know about the messages of a plan: what will happen to them that nobody expects. */

import type { MessageQueueName } from '../queue/queue-name.ts';

/** `info` is worth knowing, `warning` may not be what was wanted, `problem` loses or repeats mail. */
export type FindingSeverity = 'info' | 'warning' | 'problem';

interface Lifetimes {
  readonly maximalQueueLifetime: string;
  /** Of mail that has the null sender. */
  readonly bounceQueueLifetime: string;
}

/** A code that never changes its meaning, and the facts that belong to it. */
export type FindingFacts =
  /** Past the lifetime where it goes: Postfix tries it once more, and returns what it can't deliver. */
  | ({ readonly code: 'past-lifetime' } & Lifetimes)
  /** The same, once it is released from hold by `postsuper -H`; `postsuper -r` starts its time anew. */
  | ({ readonly code: 'held-past-lifetime' } & Lifetimes)
  /** `postsuper -e` or `-f` asked for it: Postfix returns it without a try. */
  | { readonly code: 'forced-expiry' }
  /** The same, once it is released from hold by `postsuper -H`. */
  | { readonly code: 'held-forced-expiry' }
  /** Postfix passes over it for long: a clock was ahead when it was deferred. */
  | {
      readonly code: 'next-try-far-ahead';
      /** In seconds since the epoch. */
      readonly farthest: number;
    }
  /** cleanup(8) adds the recipients of these parameters again. */
  | { readonly code: 'bcc-again'; readonly parameters: readonly string[] }
  /** The content_filter sees it once more. */
  | { readonly code: 'content-filter-again' }
  /** Of maildrop, and left out: it can't go on hold unchecked. */
  | { readonly code: 'maildrop-left-off-hold' }
  /** Of maildrop, and named: it goes into maildrop, where pickup(8) takes it at once. */
  | { readonly code: 'maildrop-not-on-hold' }
  /** Group execute that `postsuper -e` did not set: Postfix would return the message at once. It goes without. */
  | { readonly code: 'stray-group-execute' }
  /** The mode was not that of a finished file: Postfix passed over it at the source. It gets the right one. */
  | { readonly code: 'mode-lost' }
  /** By the mail log some of its recipients have it since the snapshot: they are marked done. */
  | { readonly code: 'delivered-in-part' }
  /** The mail log tells of its queue ID what does not fit it, or fits another message as well: it is restored. */
  | { readonly code: 'log-in-doubt' }
  /** Its sender demands TLS on the whole way (REQUIRETLS), and this release does not know that. */
  | { readonly code: 'requiretls-unknown'; readonly release: string }
  /** Its header "TLS-Required: no" was heeded, and this release does not know it. */
  | { readonly code: 'tls-required-no-unknown'; readonly release: string }
  /** SMTPUTF8 was asked for, and cleanup(8) of this release does not hear of it. */
  | { readonly code: 'smtputf8-forgotten'; readonly release: string };

export type FindingCode = FindingFacts['code'];

export interface FindingExample {
  readonly queue_name: MessageQueueName;
  readonly queue_id: string;
}

/** How many messages a finding is true of, and some of them. */
export interface FindingExtent {
  readonly messages: number;
  /** Of their queue files. */
  readonly bytes: number;
  /** The first few, in the order of the archive. */
  readonly examples: readonly FindingExample[];
}

export type Finding = FindingFacts & FindingExtent & { readonly severity: FindingSeverity };
