/** The release of held messages by postsuper(1), many with one call. */

import { OperatorError } from '../errors.ts';
import { type CommandOutcome, feedCommand } from '../fs/command.ts';
import { instanceArguments } from './held-messages.ts';

/** `-H`: released from hold; `-r`: requeued, so that its time begins anew. */
export type ReleaseWay = 'H' | 'r';

export interface ReleaseOutcome {
  /** Those that it says it has released. */
  readonly released: ReadonlySet<string>;
  /** What else it said. */
  readonly complaint: string;
}

/** postsuper.c, release_one() and requeue_one(). */
const RELEASED = /^postsuper: ([0-9A-Za-z]+): (?:released from hold|requeued)$/u;
const SUMMARY = /^postsuper: (?:Released from hold|Requeued): \d+ messages?$/u;

/** @throws OperatorError `unavailable`: it is not installed */
export function releaseBy(
  way: ReleaseWay,
  ids: readonly string[],
  configDirectory: string | undefined,
): ReleaseOutcome {
  // Nothing but `hold`: an ID that somebody has released meanwhile may stand in another queue by now.
  const outcome = feedCommand(
    'postsuper',
    [...instanceArguments(configDirectory), `-${way}`, '-', 'hold'],
    `${ids.join('\n')}\n`,
  );
  if (outcome === undefined) {
    throw new OperatorError('unavailable', 'postsuper is not installed', {
      nextStep: 'Held mail is released by Postfix, which must be installed.',
    });
  }
  return readOutcome(outcome);
}

/** What it says of its work. One that was killed, or can't tell why it ended, says nothing. */
export function readOutcome({ status, stderr }: Pick<CommandOutcome, 'status' | 'stderr'>): ReleaseOutcome {
  const lines = stderr.split('\n').filter((line) => line !== '');
  const released = new Set(lines.flatMap((line) => RELEASED.exec(line)?.[1] ?? []));
  const rest = lines.filter((line) => !RELEASED.test(line) && !SUMMARY.test(line));
  const end =
    status === undefined ? 'postsuper was killed before it was done' : `postsuper ended with status ${status}`;
  return { released, complaint: rest.length === 0 && status !== 0 ? end : rest.join('; ') };
}
