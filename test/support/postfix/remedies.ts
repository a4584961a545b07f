import type { Remedy } from '../../../src/errors.ts';

/** The next steps that take a command of Postfix: they are followed where there is one. */
export const POSTFIX_REMEDIES = [
  'make-queues',
  'name-or-make-queue',
  'give-to-mail-owner',
  'mend-listing',
  'mend-configuration',
] as const satisfies readonly Remedy[];

export type PostfixRemedy = (typeof POSTFIX_REMEDIES)[number];
