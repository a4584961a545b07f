/** A rule of the preflight: which messages of a plan a finding is true of. */

import type { DirectoryFault } from '../../queue/directory-fault.ts';
import type { Place } from '../../queue/place.ts';
import type { Decision } from '../decision.ts';
import type { RouteOptions } from '../destination.ts';
import type { FindingFacts, FindingSeverity } from '../finding.ts';

/** Parameters of the target's Postfix that decide what becomes of the mail, by Postfix's names. */
export interface PreflightParameters {
  readonly always_bcc: string;
  readonly body_checks: string;
  readonly bounce_queue_lifetime: string;
  readonly canonical_maps: string;
  readonly content_filter: string;
  readonly enable_long_queue_ids: string;
  readonly hash_queue_depth: string;
  readonly hash_queue_names: string;
  readonly header_checks: string;
  readonly mail_owner: string;
  /** Empty where no Postfix is installed. */
  readonly mail_version: string;
  readonly masquerade_domains: string;
  readonly maximal_queue_lifetime: string;
  readonly mime_header_checks: string;
  readonly nested_header_checks: string;
  readonly recipient_bcc_maps: string;
  readonly recipient_canonical_maps: string;
  readonly sender_bcc_maps: string;
  readonly sender_canonical_maps: string;
  readonly virtual_alias_maps: string;
}

/** The times that qmgr(8) of the target judges by, in seconds. */
export interface QueueTimes {
  /** Since the epoch. */
  readonly now: number;
  /** maximal_queue_lifetime. */
  readonly lifetime: number;
  /** bounce_queue_lifetime: of mail that has the null sender. */
  readonly bounceLifetime: number;
  /** maximal_backoff_time. */
  readonly backoff: number;
}

/** What the rules are judged by, besides a message. */
export interface PreflightSettings extends Pick<RouteOptions, 'into' | 'queues' | 'releaseHeld' | 'limits'> {
  readonly parameters: PreflightParameters;
  readonly times: QueueTimes;
  /** The parameters of the source, as the archive has them; absent where it has none. */
  readonly sourceParameters?: Readonly<Record<string, string | undefined>>;
  /** The services of the target's master.cf; absent where they can't be told. */
  readonly services?: ReadonlySet<string>;
  /** What is wrong with the target's directories. */
  readonly directories?: readonly DirectoryFault[];
  /** Files in the target that are not mail_owner's. */
  readonly foreign?: { readonly files: number; readonly examples: readonly Place[] };
}

export interface Rule {
  readonly severity: FindingSeverity;
  readonly concerns: (decision: Decision) => boolean;
  readonly facts: FindingFacts;
  /** The facts where they tell the highest of a number that each message has. */
  readonly measured?: {
    readonly measure: (decision: Decision) => number;
    readonly facts: (highest: number) => FindingFacts;
  };
}
