/** A deferred message that will be restored as it was. */

import type { PlannedMessage } from '../../../src/plan/decision.ts';
import { messageLine } from '../archive/catalogue-message.ts';

export function plannedMessage(changes: Partial<PlannedMessage> = {}): PlannedMessage {
  return {
    kind: 'restore',
    message: messageLine({}),
    destination: 'deferred',
    mode: 0o700,
    keepsTime: true,
    withLogs: true,
    genuine: false,
    done: [],
    recipientsDone: 0,
    isInDoubt: false,
    ...changes,
  };
}
