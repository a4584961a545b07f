/** The words for a pace. */

import type { PaceReport } from '../../restore/options.ts';
import { formatDuration } from './quantity.ts';

/** How long what is to be done takes: told before it begins. */
export function paceText({ rate, by, seconds }: PaceReport): string {
  const order = by === 'destination' ? 'each destination in turn' : 'the oldest first';
  return `At most ${rate}, ${order}: ${formatDuration(seconds * 1000)}.`;
}
