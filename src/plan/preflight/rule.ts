/** A rule of the preflight: which messages of a plan a finding is true of. */

import type { Decision } from '../decision.ts';
import type { RouteOptions } from '../destination.ts';
import type { FindingFacts, FindingSeverity } from '../finding.ts';

/** Parameters of the target's Postfix that decide what becomes of the mail, by Postfix's names. */
export interface PreflightParameters {
  readonly always_bcc: string;
  readonly content_filter: string;
  /** Empty where no Postfix is installed. */
  readonly mail_version: string;
  readonly maximal_queue_lifetime: string;
  readonly recipient_bcc_maps: string;
  readonly sender_bcc_maps: string;
}

/** What the rules are judged by, besides a message. */
export interface PreflightSettings extends Pick<RouteOptions, 'into' | 'queues'> {
  readonly parameters: PreflightParameters;
  /** Messages of before, in seconds since the epoch, are past maximal_queue_lifetime. */
  readonly expiredBefore: number;
}

export interface Rule {
  readonly severity: FindingSeverity;
  readonly facts: FindingFacts;
  readonly concerns: (decision: Decision) => boolean;
}
