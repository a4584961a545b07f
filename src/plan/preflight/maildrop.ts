/** What pickup(8) and cleanup(8) do to messages that go through maildrop: all of their work, once more. */

import type { Decision } from '../decision.ts';
import type { PreflightParameters, PreflightSettings, Rule } from './rule.ts';

export function maildropRules({ into, queues, parameters }: PreflightSettings): Rule[] {
  return [
    ...throughCleanup(parameters),
    {
      severity: 'warning',
      facts: { code: 'maildrop-left-off-hold' },
      concerns: ({ kind, message }) =>
        kind === 'omit' &&
        into === 'hold' &&
        queues === undefined &&
        message.queue_name === 'maildrop' &&
        message.state === 'queued',
    },
    {
      severity: 'warning',
      facts: { code: 'maildrop-not-on-hold' },
      concerns: ({ kind, message }) => kind === 'restore' && into === 'hold' && message.queue_name === 'maildrop',
    },
  ];
}

function throughCleanup(parameters: PreflightParameters): Rule[] {
  const bcc = (['always_bcc', 'sender_bcc_maps', 'recipient_bcc_maps'] as const).filter(
    (name) => parameters[name] !== '',
  );
  const rules: Rule[] = [];
  if (bcc.length > 0) {
    rules.push({ severity: 'warning', facts: { code: 'bcc-again', parameters: bcc }, concerns: isRequeued });
  }
  if (parameters.content_filter !== '') {
    rules.push({ severity: 'warning', facts: { code: 'content-filter-again' }, concerns: isRequeued });
  }
  return rules;
}

/** Whether the message went through cleanup(8) before, and does so again. */
function isRequeued(decision: Decision): boolean {
  return (
    decision.kind === 'restore' && decision.destination === 'maildrop' && decision.message.queue_name !== 'maildrop'
  );
}
