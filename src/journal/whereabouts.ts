/**
 * Where a message of the journal is, by its name. `postsuper -h ALL`, `-H ALL` and `-r ALL` move files whether they are
 * ready or not (postsuper.c, super()), a changed hash_queue_depth leaves them at old places, and qmgr(8) at its start moves
 * all of active to incoming: so it is looked for in every message queue, at every depth, and nothing is concluded from
 * one name that is not there.
 */

import type { FileStatus } from '../fs/file-system.ts';
import { possiblePaths } from '../queue/layout.ts';
import { parseQueueId } from '../queue/queue-id.ts';
import { MESSAGE_QUEUES, type MessageQueueName } from '../queue/queue-name.ts';
import type { CurrentEntry } from './journal-file.ts';
import { finalPath, type PlacementTarget, stagedPath } from './placement.ts';
import { isInQueue } from './state-directory.ts';

/** A file in a message queue. */
export interface Sight {
  /** Absolute. */
  readonly path: string;
  readonly queueName: MessageQueueName;
  readonly queueId: string;
  readonly status: FileStatus;
}

/**
 * The files of an entry, by inode and size, under each name that it has or had: its own place first. The place in a queue
 * from which a repair takes it is none of them, but where it has been moved to by that name since.
 * (repair-happenings.test.ts, "postsuper -h ALL")
 */
export function sightsByName(target: PlacementTarget, current: CurrentEntry): Sight[] {
  const { entry } = current;
  const { newQueueName: own } = entry;
  const queues = [own, ...MESSAGE_QUEUES.filter((queue) => queue !== own)];
  return [...idsOf(current)].flatMap((queueId) =>
    queues
      .flatMap((queueName) => sightsIn(target, queueName, queueId))
      .filter((sight) => isOwn(sight, entry) && sight.path !== stagedPath(target, entry)),
  );
}

/** The queue IDs that a message has or had: its own first, and last the one by which a repair takes it from a queue. */
export function idsOf({ entry, formerIds }: CurrentEntry): Set<string> {
  return new Set([entry.newQueueId, ...formerIds, ...(isInQueue(entry.from) ? [entry.queueId] : [])]);
}

/** The files of an ID in a queue, at every depth. */
export function sightsIn(target: PlacementTarget, queueName: MessageQueueName, queueId: string): Sight[] {
  const id = parseQueueId(queueId);
  const paths = id === undefined ? [] : possiblePaths(target.layout, queueName, id);
  return paths.flatMap((below) => {
    const path = `${target.queueDirectory}/${below}`;
    const status = target.fs.lstat(path);
    return status === undefined ? [] : [{ path, queueName, queueId, status }];
  });
}

function isOwn({ status }: Sight, { inode, size }: CurrentEntry['entry']): boolean {
  return status.type === 'file' && status.inode === inode && status.size === size;
}

/** Whether Postfix takes a file for no message that is ready: as staging makes it, and only this program makes it otherwise. */
export function isUnready({ mode }: FileStatus): boolean {
  return mode === 0o600;
}

/** Whether Postfix would find the file where it stands, and `postsuper -s` would leave its name. */
export function isAtItsPlace(target: PlacementTarget, { path, queueName, queueId, status }: Sight): boolean {
  return path === finalPath(target, queueName, queueId) && isItsName(target, queueId, status.inode);
}

/** Whether a name is true to an inode, and of the form that the target makes or leaves alone. */
export function isItsName({ enableLongQueueIds }: PlacementTarget, queueId: string, inode: bigint): boolean {
  const id = parseQueueId(queueId);
  return id !== undefined && id.inode === inode && (id.form === 'short' || enableLongQueueIds);
}
