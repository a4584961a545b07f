/** Modes that the files had at the source, and that Postfix did not give them. */

import { hasLostMode, isStrayExpiry } from '../../queue/mode.ts';
import type { Rule } from './rule.ts';

export function modeRules(): Rule[] {
  return [
    {
      severity: 'warning',
      facts: { code: 'stray-group-execute' },
      concerns: ({ kind, message }) => kind === 'restore' && isStrayExpiry(message.mode),
    },
    {
      severity: 'warning',
      facts: { code: 'mode-lost' },
      concerns: ({ kind, message }) => kind === 'restore' && hasLostMode(message.queue_name, message.mode),
    },
  ];
}
