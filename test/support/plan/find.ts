/** Plans for messages that differ in nothing but what a test says, and what is found of them. */

import type { MessageLine } from '../../../src/format/catalogue-line.ts';
import type { PlanOptions } from '../../../src/plan/decide.ts';
import type { Finding } from '../../../src/plan/finding.ts';
import { type Plan, PlanWalk } from '../../../src/plan/plan.ts';
import type { PreflightParameters, PreflightSettings } from '../../../src/plan/preflight/rule.ts';
import { BUILT_IN_PARAMETERS } from '../../../src/postfix/parameters.ts';
import { messageLine } from '../archive/catalogue-message.ts';

/** An hour after the messages arrived and were deferred. */
export const NOW = 1_700_003_600;
export const DAY = 86_400;
const TIMES = { now: NOW, lifetime: 5 * DAY, bounceLifetime: DAY, backoff: 4000 };
export const OLD = { arrival_time: NOW - 6 * DAY };

export interface Circumstances {
  readonly options?: Partial<PlanOptions>;
  readonly parameters?: Partial<PreflightParameters>;
  readonly sourceParameters?: NonNullable<PreflightSettings['sourceParameters']>;
  readonly services?: ReadonlySet<string>;
  readonly directories?: NonNullable<PreflightSettings['directories']>;
  readonly foreign?: NonNullable<PreflightSettings['foreign']>;
}

export function planOf(lines: readonly MessageLine[], circumstances: Circumstances = {}): Plan {
  const { options, parameters, ...known } = circumstances;
  return new PlanWalk({
    archive: { catalogue: () => lines, lost: [] },
    known: { find: () => undefined, restoredBefore: () => undefined, finishedNow: () => undefined },
    options: { into: 'queues', includeLeft: false, releaseHeld: false, again: false, retryNow: false, ...options },
    settings: { parameters: { ...BUILT_IN_PARAMETERS, ...parameters }, times: TIMES, anySender: false, ...known },
  }).finish();
}

export function find(messages: readonly Partial<MessageLine>[], circumstances: Circumstances = {}): readonly Finding[] {
  const lines = messages.map((changes, at) =>
    messageLine({ fingerprint: String(at).padStart(64, '0'), queue_id: `4F1A2${at}B`, ...changes }),
  );
  return planOf(lines, circumstances).findings;
}
