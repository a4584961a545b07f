/** The words for an interruption: how things stand after it. */

import { InterruptedError, type InterruptedState } from '../../errors.ts';

const STATES: Readonly<Record<InterruptedState, string>> = {
  untouched: 'the queue is as it was',
  'goes-on': 'the same command goes on',
  'no-archive': 'no archive was written',
};

/** What interrupted the command, and what that means for what it works on. */
export function interruptionText(error: unknown, signal: string): string {
  const { message, state } = error instanceof InterruptedError ? error : new InterruptedError();
  const cause = `interrupted by ${signal}${/^interrupted(?<facts>: .*)$/u.exec(message)?.groups?.['facts'] ?? ''}`;
  return state === undefined ? cause : `${cause}; ${STATES[state]}`;
}
