/** What check-config found, for people: a line for each point. */

import type { Point } from '../configuration/check-points.ts';
import { printable } from './stderr-line.ts';
import { formatTable } from './table.ts';

/** One line for each point. */
export function pointsText(points: readonly Point[]): string {
  const rows = points.map(({ name, ok, text }) => [ok ? 'ok' : 'WRONG', `${name}:`, printable(text)]);
  return formatTable(rows, ['left', 'left', 'left']);
}
