/** All numbers of a report that have a selection, with their way through it. */

import type { SelectionOptions } from '../../../src/plan/criteria.ts';

export interface FoundGroup {
  readonly path: string;
  readonly messages: number;
  readonly selection: SelectionOptions;
}

export function groupsOf(value: unknown, path = ''): FoundGroup[] {
  if (typeof value !== 'object' || value === null) {
    return [];
  }
  const { messages, selection } = value as {
    readonly messages?: unknown;
    readonly selection?: SelectionOptions | null;
  };
  const own =
    typeof messages === 'number' && selection !== null && selection !== undefined
      ? [{ path, messages, selection }]
      : [];
  return [...own, ...Object.entries(value).flatMap(([name, inner]) => groupsOf(inner, `${path}/${name}`))];
}
