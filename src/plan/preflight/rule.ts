/** A rule of the preflight: which messages of a plan a finding is true of. */

import type { Decision } from '../decision.ts';
import type { RouteOptions } from '../destination.ts';
import type { FindingFacts, FindingSeverity } from '../finding.ts';

/** Parameters of the target's Postfix that decide what becomes of the mail, by Postfix's names. */
export interface PreflightParameters {
  readonly always_bcc: string;
  readonly bounce_queue_lifetime: string;
  readonly content_filter: string;
  /** Empty where no Postfix is installed. */
  readonly mail_version: string;
  readonly maximal_queue_lifetime: string;
  readonly recipient_bcc_maps: string;
  readonly sender_bcc_maps: string;
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
export interface PreflightSettings extends Pick<RouteOptions, 'into' | 'queues'> {
  readonly parameters: PreflightParameters;
  readonly times: QueueTimes;
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
