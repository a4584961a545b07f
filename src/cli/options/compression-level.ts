/** The option `--level`. */

import { InvalidArgumentError } from '@commander-js/extra-typings';

export const LEVEL_FLAG = '--level <n>';
export const LEVEL_HELP = 'zstd level, 1 to 19 (default: 3); before Node.js 22.15 more than 9 is as 9';

/** Reads `--level`. */
export function compressionLevel(text: string): number {
  const level = Number(text);
  if (!/^[0-9]{1,2}$/u.test(text) || level < 1 || level > 19) {
    throw new InvalidArgumentError('It must be a whole number from 1 to 19.');
  }
  return level;
}
