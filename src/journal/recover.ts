/**
 * What a journal's messages have become since they were staged: between a cut and the next run a queue directory may have
 * been copied, its hash directories changed, Postfix started, everything put on hold. Each message is found again and
 * brought to a state from which the steps of a restore go on as if nothing had happened: staged, or alone under its name.
 *
 * Nothing is removed before what stays is durable, nothing is removed that is ready, and of what is nowhere nothing is
 * concluded but what the marks of the journal prove. (restore-happenings.test.ts: every happening at every call;
 * removals.test.ts, "removes nothing if what stays can not be made durable")
 */

import type { FileStatus } from '../fs/file-system.ts';
import { safeUnlink } from '../fs/nfs-safe.ts';
import { isSameFile } from '../fs/same-file.ts';
import { parseQueueId, toShort, withInode } from '../queue/queue-id.ts';
import { type MessageQueueName, QUEUES } from '../queue/queue-name.ts';
import { eachEntry } from './each-entry.ts';
import type { JournalEntry, JournalLog } from './journal.ts';
import type { CurrentEntry } from './journal-file.ts';
import { OPEN, READY } from './marks.ts';
import { newQueueId } from './naming.ts';
import { obstacleOf } from './obstacle.ts';
import { finalPath, type PlacementTarget, stagedPath, stagedPaths, unlinkFinals } from './placement.ts';
import { bringLogBack, makeStaged, removeLogs, tidyLogs } from './recover-logs.ts';
import { type Recovery, Removals } from './removals.ts';
import { type Finds, hasContent, search } from './search.ts';
import { isInQueue } from './state-directory.ts';
import { idsOf, isAtItsPlace, isItsName, isUnready, type Sight, sightsByName } from './whereabouts.ts';
import type { Work } from './work.ts';

/** A search that misses a message that is there costs it a rename: postsuper(1) may be at work right now. */
const SEARCHES = 3;

/** Finds every message that is not over; what is nowhere is over, too, and told. */
export async function recover(work: Work, signal: { readonly signal?: AbortSignal }): Promise<void> {
  const removals = new Removals(work);
  await eachEntry(signal, work.entries('staged', 'linked', 'placed', 'astray'), (current) => {
    if (work.isEnded(current.index)) {
      work.tellEnded(current);
    } else {
      orGetStuck(work, current, () => lookAt({ work, removals }, current));
    }
  });
  const isGoingOn = (number: number): boolean => work.count('astray') > 0 || (number === 0 && work.isCopied);
  for (let number = 0; number < SEARCHES && isGoingOn(number); number += 1) {
    await searchOnce({ work, removals }, signal);
  }
  await eachEntry(signal, work.entries('astray'), (current) => conclude(work, current));
  removals.carryOut();
  // New names are known, durably, before a log has one.
  // (restore-names.test.ts, "needs the journal to know the new name before a file has it")
  work.journal.sync();
}

/** What the system refuses for one message must not stand in the way of the others, at this run and at every later one. */
function orGetStuck(work: Work, current: CurrentEntry, step: () => void): void {
  try {
    step();
  } catch (error) {
    const reason = obstacleOf(error);
    if (reason === undefined) {
      throw error;
    }
    work.getStuck(current, reason);
  }
}

async function searchOnce(recovery: Recovery, signal: { readonly signal?: AbortSignal }): Promise<void> {
  const { work } = recovery;
  const wanted = work.isCopied ? (['astray', 'staged', 'placed'] as const) : (['astray'] as const);
  const unready = search(work.target, work.entries(...wanted), 'unready');
  await eachEntry(signal, found(work, unready), (current) => {
    orGetStuck(work, current, () => resolve(recovery, current, unready.get(current.index) ?? []));
  });
  // What was made ready, and is nowhere unready, is Postfix's: the power loss that would have undone it did not.
  await eachEntry(signal, work.entries('astray'), (current) => {
    if (work.journal.states.of(current.index) === READY) {
      work.handedOver(current);
    }
  });
  const ready = search(work.target, work.entries('astray'), 'ready');
  await eachEntry(signal, found(work, ready), (current) => work.handedOver(current));
}

function found(work: Work, finds: Finds): Iterable<CurrentEntry> {
  return finds.size === 0 ? [] : work.journal.entries((index) => finds.has(index));
}

/** Looks where a message should be. */
function lookAt(recovery: Recovery, current: CurrentEntry): void {
  const { work } = recovery;
  const { fs } = work.target;
  const path = stagedPath(work.target, current.entry);
  const staged = fs.lstat(path);
  // A run before this one may have been cut off before it had removed the others.
  work.isCopied ||= current.isCopy === true;
  if (staged?.type !== 'file' || staged.size !== current.entry.size) {
    lookByName(recovery, current);
  } else if (staged.inode === current.entry.inode) {
    lookAtLinks(recovery, current, staged);
  } else if (hasContent(fs, path, current.entry.sha256)) {
    work.isCopied = true;
    const ids = idsAfterStart(current, staged);
    bringLogsBack(recovery, current, ids);
    removeLogs(recovery, current, { queueIds: ids });
    stage(recovery, current, { status: staged });
  } else {
    work.setStep(current.index, 'astray');
  }
}

/** It is staged: nothing but its own name may be beside the staged one. */
function lookAtLinks({ work, removals }: Recovery, current: CurrentEntry, staged: FileStatus): void {
  const { target } = work;
  const { index, entry } = current;
  work.reopen(index);
  const sights = staged.links === 1 ? [] : sightsByName(target, current);
  if (!isUnready(staged) && sights.length > 0) {
    // Somebody has made it ready: with two names pickup(8) would delete it.
    safeUnlink(target.fs, stagedPath(target, entry));
    work.handedOver(current);
    return;
  }
  const own = sights.find((sight) => isAtItsPlace(target, sight));
  const others = sights.filter((sight) => sight !== own);
  const superfluous = [...others.map(({ queueId }) => queueId), ...(current.isCopy === true ? idsOf(current) : [])];
  bringLogsBack({ work, removals }, current, idsOf(current));
  removeLogs({ work, removals }, current, { queueIds: without(superfluous, own?.queueId) });
  for (const { path } of others) {
    removals.remove(path);
  }
  tidyLogs({ work, removals }, current, own);
  const names = 1 + sights.length;
  work.setStep(index, staged.links > names ? 'astray' : 'staged');
  if (own !== undefined && (own.queueName !== entry.newQueueName || own.queueId !== entry.newQueueId)) {
    work.journal.move(current, { queueName: own.queueName, queueId: own.queueId, inode: staged.inode });
  } else if (own === undefined && !isItsName(target, entry.newQueueId, staged.inode)) {
    work.journal.move(current, { ...natural(target, entry, staged), queueName: entry.newQueueName });
  }
}

/**
 * Of a repair: a crash may have left logs that name alone that they were given, and `postsuper -s` may have renamed them.
 * (repair-happenings.test.ts, "copied, then postfix start")
 */
function bringLogsBack(recovery: Recovery, { entry }: CurrentEntry, ids: Iterable<string>): void {
  for (const log of entry.logs.filter(({ from }) => isInQueue(from))) {
    bringLogBack(recovery, { entry, log }, ids);
  }
}

/**
 * The queue IDs that a message has or had, and those that `postsuper -s` makes of them for its file: of two names of one file
 * that rename(2) leaves as they are, the logs get the new one. (repair-happenings.test.ts, "copied, then postfix start")
 */
function idsAfterStart(current: CurrentEntry, { inode }: FileStatus): Set<string> {
  const ids = [...idsOf(current)];
  const renamed = ids.flatMap((text) => {
    const id = parseQueueId(text);
    return id === undefined ? [] : [withInode(id, inode), toShort(id, inode)];
  });
  return new Set([...ids, ...renamed.map(({ text }) => text)]);
}

interface StagedAt {
  readonly status: FileStatus;
  /** Where it stood, if that is where it is to go. */
  readonly queueName?: MessageQueueName | undefined;
}

/** It is staged under another inode, or was brought back: its name is to be made anew. */
function stage({ work, removals }: Recovery, current: CurrentEntry, staged: StagedAt): void {
  const { queueName = current.entry.newQueueName, status } = staged;
  work.reopen(current.index);
  removals.keep(stagedPath(work.target, current.entry));
  work.journal.move(current, { ...natural(work.target, current.entry, status), queueName });
  work.setStep(current.index, 'staged');
}

/** Its staged name is gone: it is where it was put, or where an administrator put it since. */
function lookByName(recovery: Recovery, current: CurrentEntry): void {
  const { work } = recovery;
  const { target } = work;
  const { index, entry } = current;
  const sights = sightsByName(target, current);
  const [first] = sights;
  if (first === undefined) {
    work.setStep(index, 'astray');
  } else if (sights.some(({ status }) => !isUnready(status))) {
    work.handedOver(current);
  } else if (sights.length === 1 && first.status.links === 1 && isAtItsPlace(target, first)) {
    work.reopen(index);
    if (first.queueName !== entry.newQueueName || first.queueId !== entry.newQueueId) {
      work.journal.move(current, { queueName: first.queueName, queueId: first.queueId, inode: first.status.inode });
    }
    work.setStep(index, 'placed');
  } else {
    bringBack(recovery, current, sights);
  }
}

/** Found in a queue, unready: it gets its staged name back, and loses all others. */
function bringBack(recovery: Recovery, current: CurrentEntry, sights: readonly Sight[]): void {
  const { work, removals } = recovery;
  const { fs } = work.target;
  const { entry } = current;
  const [kept] = sights;
  if (kept === undefined) {
    return;
  }
  const path = stagedPath(work.target, entry);
  makeStaged(work.target, kept.path, path);
  if (!isSameFile(fs.lstat(path), fs.lstat(kept.path))) {
    work.getStuck(current, `another file stands at ${entry.from}`);
    return;
  }
  removals.keep(path);
  const ids = new Set([...sights.map(({ queueId }) => queueId), ...idsAfterStart(current, kept.status)]);
  for (const log of entry.logs) {
    bringLogBack(recovery, { entry, log }, ids);
  }
  removeLogs(recovery, current, { queueIds: ids });
  for (const sight of sights) {
    removals.remove(sight.path);
  }
  const staged = fs.lstat(path);
  if (staged !== undefined) {
    stage(recovery, current, { status: staged, queueName: kept.queueName });
  }
}

/** The search has found files with a message's content. */
function resolve(recovery: Recovery, current: CurrentEntry, sights: readonly Sight[]): void {
  const { work, removals } = recovery;
  const { target } = work;
  const { index, entry } = current;
  const staged = target.fs.lstat(stagedPath(target, entry));
  const step = work.step(index);
  if (step === 'astray' && (staged?.type !== 'file' || staged.size !== entry.size)) {
    bringBack(recovery, current, sights);
    return;
  }
  const own = finalPath(target, entry.newQueueName, entry.newQueueId);
  removals.keep(step === 'placed' ? own : stagedPath(target, entry));
  const isOwn = ({ path, status }: Sight): boolean =>
    path === own &&
    (step === 'placed' || (isSameFile(status, staged) && isItsName(target, entry.newQueueId, status.inode)));
  const others = sights.filter((one) => !isOwn(one));
  const ids = others.map(({ queueId }) => queueId);
  if (step === 'placed') {
    const keptPath = (log: JournalLog): string => finalPath(target, log.queueName, entry.newQueueId);
    removeLogs(recovery, current, { queueIds: without(ids, entry.newQueueId), keptPath });
  } else {
    // What is staged gets its names anew, the logs' too.
    bringLogsBack(
      recovery,
      current,
      sights.map(({ queueId }) => queueId),
    );
    removeLogs(recovery, current, { queueIds: ids });
  }
  for (const { path } of others) {
    removals.remove(path);
  }
  if (step === 'staged') {
    tidyLogs(recovery, current, undefined);
  }
  if (step === 'astray' && staged !== undefined) {
    stage(recovery, current, { status: staged, queueName: sights[0]?.queueName });
  }
}

function without(ids: Iterable<string>, kept: string | undefined): string[] {
  return [...ids].filter((id) => id !== kept);
}

/** It is in no queue. */
function conclude(work: Work, current: CurrentEntry): void {
  const { target, journal } = work;
  const path = stagedPath(target, current.entry);
  const staged = target.fs.lstat(path);
  const isThere = staged?.type === 'file' && staged.size === current.entry.size;
  if (isThere && hasContent(target.fs, path, current.entry.sha256)) {
    // A name of it that nobody can find: over NFS it may be one of a file that is still open.
    work.reopen(current.index);
    work.setStep(current.index, 'staged');
    return;
  }
  const state = journal.states.of(current.index);
  if (state === READY) {
    work.handedOver(current);
    return;
  }
  for (const queueId of [current.entry.newQueueId, ...current.formerIds]) {
    unlinkFinals(target, current.entry, queueId);
  }
  work.giveUp(current, state === OPEN ? 'uncertain' : 'lost');
}

/** The name that an inode gives a message: free, but for what is its own. */
function natural(
  target: PlacementTarget,
  entry: JournalEntry,
  { inode }: FileStatus,
): { queueId: string; inode: bigint } {
  const old = parseQueueId(entry.newQueueId);
  if (old === undefined) {
    throw new TypeError(`no queue ID: ${entry.newQueueId}`);
  }
  const own = stagedPaths(target, entry).map((path) => target.fs.lstat(path));
  const isTaken = (name: string): boolean =>
    QUEUES.some(({ name: queue }) => {
      const status = target.fs.lstat(finalPath(target, queue, name));
      return status !== undefined && !own.some((one) => isSameFile(one, status));
    });
  const { enableLongQueueIds } = target;
  return { queueId: newQueueId(old, { inode, enableLongQueueIds }, isTaken).text, inode };
}
