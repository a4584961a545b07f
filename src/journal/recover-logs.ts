/** What has become of the logs of a message that is recovered: they are found by its names, also by half a name. */

import { dirname } from 'node:path';
import type { FileStatus } from '../fs/file-system.ts';
import { safeLink, safeMkdir } from '../fs/nfs-safe.ts';
import { isSameFile } from '../fs/same-file.ts';
import { possiblePaths } from '../queue/layout.ts';
import { parseQueueId, UNFINISHED_RENAME_SUFFIX } from '../queue/queue-id.ts';
import { MESSAGE_QUEUES } from '../queue/queue-name.ts';
import type { JournalEntry, JournalLog } from './journal.ts';
import type { CurrentEntry } from './journal-file.ts';
import { finalPath, type PlacementTarget, stagedPath } from './placement.ts';
import type { Recovery } from './removals.ts';
import { hasContent } from './search.ts';
import { type Sight, sightsIn } from './whereabouts.ts';

/**
 * Names of logs that were linked where the message does not go, or by another layout of the hash directories. Of a message
 * that was copied, the copies of its logs, too: `postsuper -s` leaves trace logs under half a name.
 */
export function tidyLogs({ work, removals }: Recovery, current: CurrentEntry, own: Sight | undefined): void {
  const { target } = work;
  const { entry, formerIds, isCopy } = current;
  const queueId = own?.queueId ?? entry.newQueueId;
  for (const log of entry.logs) {
    const staged = target.fs.lstat(stagedPath(target, log));
    const right = finalPath(target, log.queueName, queueId);
    const ids = new Set([queueId, entry.newQueueId, ...formerIds]);
    const isAlone = staged === undefined || (staged.links === 1 && isCopy !== true);
    for (const path of isAlone ? [] : [...ids].flatMap((id) => logPaths(target, log, id))) {
      const status = target.fs.lstat(path);
      const isOurs = isSameFile(status, staged) || (isCopy === true && isCopyOf(target, { path, status }, log));
      if (path !== right && path !== stagedPath(target, log) && isOurs) {
        removals.remove(path);
      }
    }
  }
}

interface LogAt {
  readonly path: string;
  readonly status: FileStatus | undefined;
}

function isCopyOf({ fs }: PlacementTarget, { path, status }: LogAt, log: JournalLog): boolean {
  return status?.type === 'file' && status.size === log.size && hasContent(fs, path, log.sha256);
}

/**
 * A log that has no staged name any more stands by the name of its message: `postsuper -s` renames both. What Postfix has added
 * to has other bytes; then no other message may have that name.
 */
export function bringLogBack(
  { work, removals }: Recovery,
  { entry, log }: Pick<OwnLog, 'entry' | 'log'>,
  queueIds: Iterable<string>,
): void {
  const { target } = work;
  const staged = stagedPath(target, log);
  if (target.fs.lstat(staged) !== undefined) {
    return;
  }
  const places = [...queueIds]
    .flatMap((queueId) => logPaths(target, log, queueId).map((path) => ({ queueId, path })))
    .filter(({ path }) => path !== staged && target.fs.lstat(path)?.type === 'file');
  const existing =
    places.find(({ path }) => isCopyOf(target, { path, status: target.fs.lstat(path) }, log)) ??
    places.find(({ queueId }) => !isOfAnother(target, entry, queueId));
  if (existing !== undefined) {
    makeStaged(target, existing.path, staged);
    removals.keep(staged);
  }
}

/** A second name, in the place where staging had made it. */
export function makeStaged({ fs }: PlacementTarget, existing: string, staged: string): void {
  safeMkdir(fs, dirname(dirname(staged)), 0o700);
  safeMkdir(fs, dirname(staged), 0o700);
  safeLink(fs, existing, staged);
}

/** Where a log may stand, also after an interrupted `postsuper -s`, or one that left trace logs behind. */
function logPaths({ queueDirectory, layout }: PlacementTarget, log: JournalLog, queueId: string): string[] {
  const id = parseQueueId(queueId);
  const paths = id === undefined ? [] : possiblePaths(layout, log.queueName, id);
  return paths.flatMap((path) => [`${queueDirectory}/${path}`, `${queueDirectory}/${path}${UNFINISHED_RENAME_SUFFIX}`]);
}

interface LogRemoval {
  readonly queueIds: Iterable<string>;
  /** Where the log that stays stands; it is made there if there is none. Absent: in its staged place. */
  readonly keptPath?: (log: JournalLog) => string;
}

/**
 * The logs of ours under IDs that the message does not keep: nobody else's, none that Postfix has added to, and never the last
 * one. (repair-happenings.test.ts, "copied with split links, then postfix start")
 */
export function removeLogs(
  { work, removals }: Recovery,
  { entry }: CurrentEntry,
  { queueIds, keptPath = (log) => stagedPath(work.target, log) }: LogRemoval,
): void {
  const { target } = work;
  for (const queueId of queueIds) {
    for (const log of entry.logs) {
      const kept = keptPath(log);
      const others = logPaths(target, log, queueId).filter((path) => path !== kept);
      for (const path of others.filter((one) => isOurs({ target, entry, log }, { path: one, kept, queueId }))) {
        if (target.fs.lstat(kept) === undefined) {
          makeStaged(target, path, kept);
        }
        removals.keep(kept);
        removals.remove(path);
      }
    }
  }
}

interface OwnLog {
  readonly target: PlacementTarget;
  readonly entry: JournalEntry;
  readonly log: JournalLog;
}

interface OtherName {
  readonly path: string;
  readonly kept: string;
  readonly queueId: string;
}

/** Whether a log is the one that is kept, or a copy of it. By its content alone it may be another message's. */
function isOurs({ target, entry, log }: OwnLog, { path, kept, queueId }: OtherName): boolean {
  const status = target.fs.lstat(path);
  const staying = target.fs.lstat(kept);
  if (status !== undefined && isSameFile(status, staying)) {
    return true;
  }
  return (
    isCopyOf(target, { path, status }, log) &&
    (staying === undefined || isCopyOf(target, { path: kept, status: staying }, log)) &&
    !isOfAnother(target, entry, queueId)
  );
}

/** Whether another message has a queue ID, by right or not. */
function isOfAnother(target: PlacementTarget, entry: JournalEntry, queueId: string): boolean {
  const sights = MESSAGE_QUEUES.flatMap((queueName) => sightsIn(target, queueName, queueId));
  return sights.some(({ path, status }) => status.size !== entry.size || !hasContent(target.fs, path, entry.sha256));
}
