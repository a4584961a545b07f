/** What qmgr(8) does to messages that go back into the queues. */

import type { Decision } from '../decision.ts';
import type { PreflightSettings, Rule } from './rule.ts';

export function inPlaceRules(settings: PreflightSettings): Rule[] {
  const { parameters, expiredBefore } = settings;
  return [
    {
      severity: 'warning',
      facts: { code: 'past-lifetime', maximalQueueLifetime: parameters.maximal_queue_lifetime },
      concerns: (decision) => isExpired(decision, expiredBefore),
    },
  ];
}

/** Held mail does not expire, and cleanup(8) starts the clock anew. */
function isExpired(decision: Decision, expiredBefore: number): boolean {
  return (
    decision.kind === 'restore' &&
    (decision.destination === 'incoming' || decision.destination === 'deferred') &&
    decision.message.arrival_time < expiredBefore
  );
}
