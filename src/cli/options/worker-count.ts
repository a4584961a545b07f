/** The option `--workers`. */

import { InvalidArgumentError } from '@commander-js/extra-typings';

export const WORKERS_FLAG = '--workers <n>';
export const WORKERS_HELP =
  'threads that do the work: more are faster, and take more memory; 0: none but the main one (default: one for each processor, 4 at most)';

/** More threads than this have nothing left to do: the main one hands out and writes. */
const WORKERS_MAXIMUM = 64;

/** Reads the value of `--workers`. */
export function workerCount(text: string): number {
  const count = Number(text);
  if (!/^[0-9]{1,2}$/u.test(text) || count > WORKERS_MAXIMUM) {
    throw new InvalidArgumentError(`It must be a whole number from 0 to ${WORKERS_MAXIMUM}.`);
  }
  return count;
}
