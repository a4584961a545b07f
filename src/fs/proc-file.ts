/** What /proc says of a process: small files that need no door of their own. */

import { readFileSync } from 'node:fs';

/** The text of a file in /proc; undefined where it can't be read, or where there is no /proc. */
export function readProcFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
