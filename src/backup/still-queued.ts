/** Whether what was copied is still in the queue, under whatever name and in whichever queue it is by now. */

import type { FileStatus } from '../fs/file-system.ts';
import { parseQueueId } from '../queue/queue-id.ts';
import type { QueueName } from '../queue/queue-name.ts';
import { locateStatus, type Sighting } from '../spool/locate.ts';
import { mayBeBeingWritten } from '../spool/read-message.ts';
import type { QueueListing } from '../spool/scan.ts';
import type { Spool } from '../spool/spool.ts';
import type { Copy, CopyTable } from './copy-table.ts';

/** What was copied, and where it is looked for. */
export interface QueuedCopies {
  readonly spool: Spool;
  readonly listing: QueueListing;
  readonly copies: CopyTable;
  /** When the snapshot is taken, in nanoseconds since the epoch. */
  readonly nowNs: bigint;
  /** How often a file is looked for that moves meanwhile. */
  readonly lookupRounds: number;
  /** The T record of a file, in microseconds since the epoch; undefined where there is none, or no such file. */
  readonly arrivalOf: (sighting: Sighting) => number | undefined;
}

/**
 * Whether the file that was copied is still in the queue. A name in the listing proves that only where the ID can't have
 * been used again: a short one can, every second, and then it has the same inode number by construction.
 */
export function isStillQueued(queued: QueuedCopies, copy: number): boolean {
  const { listing, copies } = queued;
  const { id } = copies.get(copy);
  if (copies.ofId(id).some((newer) => newer > copy && isAlike(copies.get(newer), copies.get(copy)))) {
    // The file was gone, or so it seemed, and was read again.
    return false;
  }
  if (!listing.isSeen(id)) {
    return isThere(queued, copy);
  }
  if (copies.ofId(id).length === 1 && parseQueueId(listing.ids.text(id))?.form === 'long') {
    return true;
  }
  const sighting = sightingOf(queued, id);
  const found = locateStatus(queued.spool, sighting, { rounds: 1 });
  if (found === 'unknown') {
    // It can't be looked at: nothing is known but what was known before.
    return !copies.hasLeft(copy);
  }
  if (found === undefined) {
    // Seen, and gone since: it was in the queue when it was listed. But a file that had left does not come back: what was
    // seen then had its ID, and is gone, too.
    return !copies.hasLeft(copy);
  }
  return isSameMessage(queued, copy, found.status) || isThere(queued, copy);
}

function isAlike(one: Copy, other: Copy): boolean {
  return (
    one.inode === other.inode &&
    one.size === other.size &&
    one.arrival === other.arrival &&
    one.birthtimeNs === other.birthtimeNs
  );
}

function isThere(queued: QueuedCopies, copy: number): boolean {
  return whereIs(queued, copy) !== undefined;
}

/** The queue that the file that was copied is in now. */
export function whereIs(queued: QueuedCopies, copy: number): QueueName | undefined {
  const sighting = sightingOf(queued, queued.copies.get(copy).id);
  const accept = (status: FileStatus): boolean => isSameMessage(queued, copy, status);
  const found = locateStatus(queued.spool, sighting, { accept, rounds: queued.lookupRounds });
  return found === 'unknown' ? queued.copies.get(copy).queueName : found?.queueName;
}

function sightingOf({ listing }: QueuedCopies, id: number): Sighting {
  return { id: listing.ids.text(id), paths: listing.isSeen(id) ? listing.paths(id) : [] };
}

/**
 * Whether a file that has the ID of a copy is what was copied: the inode number alone does not tell (see above), the birth
 * time does where there is one. Where there is none, or what is told as one changes with the file's status, the size (which
 * stays, once a file is complete) and the T record do. A complete file never becomes incomplete again.
 */
function isSameMessage(
  { copies, listing, nowNs, arrivalOf }: QueuedCopies,
  number: number,
  status: FileStatus,
): boolean {
  const copy = copies.get(number);
  const isNewlyWritten = copy.isFinished && mayBeBeingWritten(copy.queueName, status, nowNs);
  if (copy.inode !== status.inode || copy.size !== status.size || isNewlyWritten) {
    return false;
  }
  // A queue file's status changes after its birth: it is named, and made ready.
  if (status.birthtimeNs !== 0n && status.birthtimeNs !== status.ctimeNs) {
    return copy.birthtimeNs === status.birthtimeNs;
  }
  const paths = listing.isSeen(copy.id) ? listing.paths(copy.id) : [];
  return arrivalOf({ id: listing.ids.text(copy.id), paths }) === copy.arrival;
}
