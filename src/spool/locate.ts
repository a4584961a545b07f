/** Finds a file that is no longer where it was seen. */

import type { FileStatus } from '../fs/file-system.ts';
import { parseQueueId } from '../queue/queue-id.ts';
import { MESSAGE_QUEUES, type QueueName } from '../queue/queue-name.ts';
import { queueNameOf } from './read-file.ts';
import { reasonOf } from './reason.ts';
import { absolutePath, pathsOf, type Spool } from './spool.ts';

/** A queue ID, and where it was seen. */
export interface Sighting {
  readonly id: string;
  /** Relative to the queue directory, the last first. */
  readonly paths: readonly string[];
}

/** Each round that misses a message that is there costs it a rename, as a listing does. */
export const LOOKUP_ROUNDS = 5;

/**
 * Looks for a message where it was seen, then in every place where it may be, several times over, and takes the first
 * that `look` makes something of. What it was listed as does not limit the search: all message queues are looked through.
 */
export function locate<Found>(
  spool: Spool,
  sighting: Sighting,
  { look, rounds = LOOKUP_ROUNDS }: { look: (path: string) => Found | undefined; readonly rounds?: number },
): Found | undefined {
  for (const path of sighting.paths) {
    const found = look(path);
    if (found !== undefined) {
      return found;
    }
  }
  const id = parseQueueId(sighting.id);
  const paths = id === undefined ? [] : MESSAGE_QUEUES.flatMap((queueName) => pathsOf(spool, queueName, id));
  for (let round = 0; round < rounds; round += 1) {
    for (const path of paths) {
      const found = look(path);
      if (found !== undefined) {
        return found;
      }
    }
  }
  return undefined;
}

/**
 * The status of a message's file, and the queue that it is in now, if `accept` takes it.
 *
 * @returns 'unknown' if it was found nowhere, and the place where it was seen can't be looked at
 */
export function locateStatus(
  spool: Spool,
  sighting: Sighting,
  options: { accept?: (status: FileStatus) => boolean; readonly rounds?: number } = {},
): { readonly queueName: QueueName; readonly status: FileStatus } | 'unknown' | undefined {
  const { accept = (): boolean => true, rounds = LOOKUP_ROUNDS } = options;
  const unknown: string[] = [];
  const found = locate(spool, sighting, {
    rounds,
    look: (path) => {
      try {
        const status = spool.fs.lstat(absolutePath(spool, path));
        return status !== undefined && accept(status) ? { queueName: queueNameOf(path), status } : undefined;
      } catch (error) {
        reasonOf(error);
        unknown.push(path);
        return undefined;
      }
    },
  });
  const isUnknown = found === undefined && unknown.some((path) => sighting.paths.includes(path));
  return isUnknown ? 'unknown' : found;
}
