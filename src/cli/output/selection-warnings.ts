/** Warnings about what was asked for and is not there. */

import type { SelectionOptions } from '../../plan/criteria.ts';

/** What came of a selection. */
interface SelectionOutcome {
  readonly missing_ids: readonly string[];
  readonly unsearched_recipients: boolean;
}

/** What was asked for and is not there, a line each: queue IDs that no message has, and a selection that matches nothing. */
export function selectionWarnings(
  { missing_ids, unsearched_recipients }: SelectionOutcome,
  { archive, isNothing }: { readonly archive: string; readonly isNothing: boolean },
): string[] {
  return [
    ...missing_ids.map((id) => `${id}: no such message in ${archive}`),
    ...(unsearched_recipients
      ? [`${archive}: of some messages it lists not all recipients: only those that it lists were searched`]
      : []),
    ...(isNothing ? [`${archive}: none of its messages was selected: none fits all that was asked for`] : []),
  ];
}

/** Whether anything was asked for. */
export function isGiven({ only = {}, exclude = {} }: SelectionOptions): boolean {
  return Object.keys(only).length > 0 || Object.keys(exclude).length > 0;
}
