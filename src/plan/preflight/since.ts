/** What the mail log tells of messages that are restored all the same. */

import type { Rule } from './rule.ts';

export function sinceRules(): Rule[] {
  return [
    {
      severity: 'info',
      facts: { code: 'delivered-in-part' },
      concerns: (decision) => decision.kind === 'restore' && decision.recipientsDone > 0,
    },
    {
      severity: 'warning',
      facts: { code: 'log-in-doubt' },
      concerns: (decision) => decision.kind === 'restore' && decision.isInDoubt,
    },
  ];
}
