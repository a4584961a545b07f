/** By what a message of an archive waits for its turn. */

import type { MessageLine } from '../format/catalogue-line.ts';
import type { Pace, Turn } from '../pace.ts';

/** @returns nothing where all go at once */
export function turnOf({ arrival_time: arrival, recipients }: MessageLine, pace: Pace | undefined): Turn {
  if (pace === undefined) {
    return {};
  }
  if (pace.by === 'arrival') {
    return { arrival };
  }
  // A recipient whose bounce is pending is done (bounce(8)).
  const isToDo = recipients.find((one) => one.bounce_reason === undefined || one.delay_reason !== undefined);
  const { address } = isToDo ?? recipients[0] ?? { address: '' };
  return { arrival, domain: address.slice(address.lastIndexOf('@') + 1).toLowerCase() };
}
