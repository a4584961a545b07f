import type { MessageLine } from '../format/catalogue-line.ts';
import { createFingerprintSet, type FingerprintSet } from '../table/digest-set.ts';
import { type Decision, type PlanOptions, planMessage, type TargetKnowledge } from './plan.ts';

/**
 * Decides about the messages of an archive, one after the other. A message that the archive holds twice (somebody copied
 * the file at the source) is restored once. Deciding about the same messages again, with a new decider, gives the same.
 */
export function createDecider(options: PlanOptions, target: TargetKnowledge): (message: MessageLine) => Decision {
  const planned: FingerprintSet = createFingerprintSet();
  return (message) => {
    const decision = planMessage(message, options, target);
    if (decision.kind === 'restore' && !planned.add(message.fingerprint)) {
      const reason = 'the archive holds the same message under another name';
      return { kind: 'omit', message, action: 'already_present', reason };
    }
    return decision;
  };
}
