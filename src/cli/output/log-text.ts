/** The words for what mail logs lack. */

import type { LogReport } from '../../restore/options.ts';
import { localTime } from './local-time.ts';

/** Spans of time that the mail logs tell nothing of: what was delivered then is restored. */
export function logWarnings(log: LogReport | null): string[] {
  if (log === null) {
    return [];
  }
  if (log.lines === 0) {
    return ['the mail log has no line with a time: it tells nothing'];
  }
  return log.gaps.map(
    ({ from, to }) =>
      `the mail log has nothing from ${localTime(from)} to ${localTime(to)}: what was delivered then is restored, and delivered twice`,
  );
}
