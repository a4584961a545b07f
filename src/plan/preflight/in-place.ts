/** What qmgr(8) does to messages that go back into the queues. Authority: qmgr_active.c. */

import { isForcedExpiry } from '../../queue/mode.ts';
import type { MessageQueueName } from '../../queue/queue-name.ts';
import type { Decision, PlannedMessage } from '../decision.ts';
import type { PreflightSettings, QueueTimes, Rule } from './rule.ts';

/** As postqueue(1) prints the null sender. */
const NULL_SENDER = 'MAILER-DAEMON';
/** More than clocks of two machines differ. */
const SLACK = 3600;
const NANOSECONDS = 1_000_000_000;

export function inPlaceRules({ parameters, times }: PreflightSettings): Rule[] {
  const lifetimes = {
    maximalQueueLifetime: parameters.maximal_queue_lifetime,
    bounceQueueLifetime: parameters.bounce_queue_lifetime,
  };
  return [
    {
      severity: 'warning',
      facts: { code: 'past-lifetime', ...lifetimes },
      concerns: (decision) => goesTo(decision, DELIVERED) && !isForced(decision) && isPastLifetime(decision, times),
    },
    {
      severity: 'warning',
      facts: { code: 'held-past-lifetime', ...lifetimes },
      concerns: (decision) => goesTo(decision, HELD) && !isForced(decision) && isPastLifetime(decision, times),
    },
    {
      severity: 'warning',
      facts: { code: 'forced-expiry' },
      concerns: (decision) => goesTo(decision, DELIVERED) && isForced(decision),
    },
    {
      severity: 'warning',
      facts: { code: 'held-forced-expiry' },
      concerns: (decision) => goesTo(decision, HELD) && isForced(decision),
    },
    {
      severity: 'warning',
      facts: { code: 'next-try-far-ahead', farthest: 0 },
      measured: { measure: nextTry, facts: (farthest) => ({ code: 'next-try-far-ahead', farthest }) },
      concerns: (decision) =>
        goesTo(decision, DELIVERED) && decision.keepsTime && nextTry(decision) > times.now + times.backoff + SLACK,
    },
  ];
}

const DELIVERED: readonly MessageQueueName[] = ['incoming', 'deferred'];
/** Held mail does not expire as long as it is held: what releases it decides. */
const HELD: readonly MessageQueueName[] = ['hold'];

function goesTo(decision: Decision, queues: readonly MessageQueueName[]): decision is PlannedMessage {
  return decision.kind === 'restore' && queues.includes(decision.destination);
}

/** Postfix 3.5 and later return it without a try. */
function isForced({ mode }: PlannedMessage): boolean {
  return isForcedExpiry(mode);
}

/** After one more try qmgr(8) returns it: it counts from the create time, which a requeue sets anew. */
function isPastLifetime({ message }: PlannedMessage, { now, lifetime, bounceLifetime }: QueueTimes): boolean {
  const age = now - (message.create_time ?? message.arrival_time);
  return age >= (message.sender === NULL_SENDER ? bounceLifetime : lifetime);
}

/** qmgr(8) passes over a file until its time of last modification: in seconds since the epoch. */
function nextTry({ message }: Decision): number {
  return Math.floor(Number(message.mtime) / NANOSECONDS);
}
