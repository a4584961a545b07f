/** Clock and chance. Whoever needs them takes them as a parameter; only here they are those of the system. */

import { randomBytes, randomUUID } from 'node:crypto';

export interface ClockAndChance {
  readonly now: () => Date;
  /** Milliseconds, from any start, that never go back. */
  readonly clock: () => number;
  /** So many random bytes as hexadecimal digits: others at each call. */
  readonly randomHex: (bytes: number) => string;
  readonly uuid: () => string;
}

/** Those of this process. */
export const SYSTEM_CLOCK_AND_CHANCE: ClockAndChance = {
  now: () => new Date(),
  clock: () => performance.now(),
  randomHex: (bytes) => randomBytes(bytes).toString('hex'),
  uuid: () => randomUUID(),
};

/** What an operation was given, or the system's. */
export function clockAndChanceOf({
  clockAndChance,
}: {
  readonly clockAndChance?: ClockAndChance | undefined;
}): ClockAndChance {
  return clockAndChance ?? SYSTEM_CLOCK_AND_CHANCE;
}

/** Another text of 12 digits at each call, fit for a file name. By that form names of temporary files are known again. */
export function randomNames({ randomHex }: Pick<ClockAndChance, 'randomHex'>): () => string {
  return () => randomHex(6);
}
