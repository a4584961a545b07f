/** What an administrator should know about the messages of a plan: what will happen to them that nobody expects. */

import type { DirectoryFault } from '../queue/directory-fault.ts';
import type { Place } from '../queue/place.ts';
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
  /** header_checks and the like run once more: what they discard or reject now is gone. */
  | { readonly code: 'checks-again'; readonly parameters: readonly string[] }
  /** Addresses are rewritten once more. */
  | { readonly code: 'rewriting-again'; readonly parameters: readonly string[] }
  /** Goes back into hold, not through maildrop: that would release it. */
  | { readonly code: 'held-in-place' }
  /** Goes back into its queue, not through maildrop: Postfix owes a notice that would be lost. */
  | { readonly code: 'notice-in-place' }
  /** Goes back into its queue, not through maildrop, where Postfix would delete or return it. */
  | { readonly code: UnfitCode; readonly limit: number }
  /** It names a content filter whose transport the target has not: it would wait until it expires. */
  | { readonly code: 'no-filter-transport' }
  /** It goes into maildrop, and nothing takes it from there. */
  | { readonly code: 'no-pickup' }
  /** The target holds files that are not mail_owner's: at one of them the queue manager stops. */
  | { readonly code: 'foreign-files'; readonly files: number; readonly first: readonly Place[] }
  /** The target has directories that are not as Postfix needs them. */
  | { readonly code: 'directory-rights'; readonly faults: number; readonly first: readonly DirectoryFault[] }
  /** The target's Postfix is older than the source's. */
  | { readonly code: 'older-postfix'; readonly source: string; readonly target: string }
  /** The files get another owner than they had. */
  | { readonly code: 'other-mail-owner'; readonly source: string; readonly target: string }
  /** The target keeps its queues in other hash directories. */
  | { readonly code: 'other-hash-directories'; readonly parameters: readonly string[] }
  /** A long queue ID becomes a short one. */
  | { readonly code: 'ids-become-short' }
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

type UnfitCode = 'too-big-in-place' | 'long-record-in-place' | 'many-attributes-in-place' | 'many-hops-in-place';

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
