/** What an older Postfix than the one that wrote a queue file does not know, and so forgets (sendopts.h). */

import type { Decision } from '../decision.ts';
import { isBefore, releaseOf } from './release-number.ts';
import type { PreflightSettings, Rule } from './rule.ts';

/** Bits of the last field of a size record. */
const SMTPUTF8_REQUESTED = 1 << 0;
const TLS_NOT_REQUIRED = 1 << 4;
const REQUIRES_TLS = 1 << 5;

/** None where the target's release is not known. */
export function releaseRules({ parameters }: PreflightSettings): Rule[] {
  const release = releaseOf(parameters.mail_version);
  if (release === undefined) {
    return [];
  }
  const rules: Rule[] = [];
  if (isBefore(release, [3, 11])) {
    rules.push({
      severity: 'warning',
      facts: { code: 'requiretls-unknown', release: release.join('.') },
      concerns: (decision) => isRestoredWith(decision, REQUIRES_TLS),
    });
  }
  if (isBefore(release, [3, 10])) {
    rules.push(...unknownBefore310(release.join('.')));
  }
  return rules;
}

function unknownBefore310(release: string): Rule[] {
  return [
    {
      severity: 'warning',
      facts: { code: 'tls-required-no-unknown', release },
      concerns: (decision) => isRestoredWith(decision, TLS_NOT_REQUIRED),
    },
    {
      // cleanup(8) means to keep it, and reads the size record wrongly (cleanup_envelope.c, "$*s" in its format).
      severity: 'warning',
      facts: { code: 'smtputf8-forgotten', release },
      concerns: (decision) => goesThroughMaildrop(decision) && isRestoredWith(decision, SMTPUTF8_REQUESTED),
    },
  ];
}

function isRestoredWith(decision: Decision, option: number): boolean {
  return decision.kind === 'restore' && ((decision.message.send_options ?? 0) & option) !== 0;
}

function goesThroughMaildrop(decision: Decision): boolean {
  return decision.kind === 'restore' && decision.destination === 'maildrop';
}
