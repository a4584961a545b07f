/** Where damage is no failure: a file is searched for what is intact. */

import { ArchiveError } from '../errors.ts';

/** What the work finds; undefined where the archive is damaged. */
export function unlessDamaged<Result>(work: () => Result): Result | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof ArchiveError) {
      return undefined;
    }
    throw error;
  }
}
