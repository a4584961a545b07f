/** What is not in an archive, as its report names it. */

import { basename } from 'node:path';
import type { FileSystem } from '../fs/file-system.ts';
import { unlessErrno } from '../fs/system-error.ts';
import { type UnfinishedJournal, unfinishedJournals } from '../journal/journal-file.ts';
import type { OperationControl } from '../operation.ts';
import { LOG_QUEUES, type MessageQueueName } from '../queue/queue-name.ts';
import { reasonOf } from '../spool/reason.ts';
import type { Spool } from '../spool/spool.ts';
import type { UnreadableFile } from './options.ts';
import type { Snapshot } from './snapshot.ts';

/** Of the directories that a package makes before the first start, some systems lack these two (Debian 12). */
const NOT_YET_THERE: ReadonlySet<string> = new Set(['hold', 'trace']);

/** Whether Postfix never started on it: master(8) leaves its lock file `pid/master.pid` for good. */
function isUnused(fs: FileSystem, queueDirectory: string): boolean {
  const look = (path: string) => unlessErrno(['EACCES'], () => fs.lstat(`${queueDirectory}/${path}`));
  return look('pid')?.type === 'directory' && look('pid/.') !== undefined && look('pid/master.pid') === undefined;
}

/**
 * The queues that hold what is to be delivered, and its logs, and that every queue directory has (postfix-files), but this one has not: a
 * file system that is not mounted, or one that was mended without them. And those that can't be entered, as
 * `chmod -R 644` leaves them: their names can be listed perhaps, and nothing else, and Postfix can't use them either.
 */
export function queueObstacles({ fs, queueDirectory }: Spool, queues: readonly MessageQueueName[]): UnreadableFile[] {
  const isNew = isUnused(fs, queueDirectory);
  return [...queues, ...LOG_QUEUES]
    .filter((name) => name !== 'corrupt' && name !== 'saved')
    .filter((name) => !(isNew && NOT_YET_THERE.has(name) && fs.lstat(`${queueDirectory}/${name}`) === undefined))
    .flatMap((name) => {
      const reason = obstacleIn(fs, `${queueDirectory}/${name}/.`);
      return reason === undefined ? [] : [{ queue_name: name, queue_id: '', reason }];
    });
}

function obstacleIn(fs: FileSystem, path: string): string | undefined {
  try {
    return fs.lstat(path)?.type === 'directory' ? undefined : 'the queue directory has no such directory';
  } catch (error) {
    return `the directory can't be entered: ${reasonOf(error)}`;
  }
}

/** Messages that a restore has staged, and not put into the queue yet, are nowhere else. */
export function unfinishedRestores(
  fs: FileSystem,
  queueDirectory: string,
  control: OperationControl,
): UnreadableFile[] {
  let journals: UnfinishedJournal[];
  try {
    journals = unfinishedJournals(fs, queueDirectory);
  } catch (error) {
    const reason = `restores that were cut off can't be looked for: ${reasonOf(error)}`;
    return [{ queue_name: 'postsnap', queue_id: '', reason }];
  }
  return journals.map(({ path, fault }) => {
    const unfinished = { queue_name: 'postsnap', queue_id: basename(path) };
    if (fault !== undefined) {
      return { ...unfinished, reason: `whether its restore was cut off can't be told: ${fault}` };
    }
    const message = `a restore into this queue was cut off: run it again, then take another backup (${path})`;
    control.onEvent?.({ kind: 'warning', message });
    const reason = 'a restore was cut off: what it has not put into the queue yet is not in the archive';
    return { ...unfinished, reason };
  });
}

export function unreadableOf({ unreadable, strays }: Snapshot): UnreadableFile[] {
  return [
    ...unreadable.map(({ queueName, queueId, reason }) => ({ queue_name: queueName, queue_id: queueId, reason })),
    ...strays.map(({ queueName, name, reason }) => ({ queue_name: queueName, queue_id: name, reason })),
  ];
}
