/** What the system's error codes mean, in words. */

import { getSystemErrorMap } from 'node:util';

/** The words for a code of the system, with the code behind them: `No space left on device (ENOSPC)`. */
export function errnoText(errno: string): string {
  const text = errno === 'EIO' ? 'Input/output error' : new Map(getSystemErrorMap().values()).get(errno);
  return text === undefined ? errno : `${text.charAt(0).toUpperCase()}${text.slice(1)} (${errno})`;
}
