/** A message with its logs, read from a queue that may be running: without locks, without a trace. */

import type { FileStatus } from '../fs/file-system.ts';
import { isSameFile } from '../fs/same-file.ts';
import { isWritersMode } from '../queue/mode.ts';
import { UNFINISHED_RENAME_SUFFIX } from '../queue/queue-id.ts';
import { isMessageQueueName, type LogQueueName, type MessageQueueName } from '../queue/queue-name.ts';
import { locate, type Sighting } from './locate.ts';
import { type Descriptor, describe, type OpenQueueFile, openIfThere } from './read-file.ts';
import { type LogIssue, MessageLogs } from './read-logs.ts';
import { reasonOf } from './reason.ts';
import { absolutePath, type Spool } from './spool.ts';

export interface OpenMessage extends OpenQueueFile {
  readonly queueName: MessageQueueName;
  readonly id: string;
  /**
   * Its logs. To be called once, after the message was read: see read-logs.ts.
   *
   * @param hasDoneRecipients - whether a recipient is marked done in the copy: only then must a log that was made meanwhile
   *   be looked for
   */
  logs(hasDoneRecipients: boolean): readonly OpenQueueFile[];
  /** Names a log whose content can't be read. The message is good without it. */
  failLog(log: Pick<OpenQueueFile, 'queueName' | 'path'>, reason: string): void;
  /** By its queue, mode and age it may still be being written: only if its records are whole it is a message. */
  readonly mayBeUnfinished: boolean;
}

export type MessageReading<Value> =
  | { readonly kind: 'read'; readonly value: Value; readonly logIssues: readonly LogIssue[] }
  /** It is in none of its possible places. */
  | { readonly kind: 'vanished' }
  /** It is still being written. */
  | { readonly kind: 'unfinished' }
  | { readonly kind: 'unreadable'; readonly queueName: string; readonly reason: string };

export interface ReadMessageOptions<Value> {
  /** Reads the message, then its logs. The files are closed when it returns. */
  readonly take: (message: OpenMessage) => Value;
  readonly lookupRounds?: number;
  /** The log queues that hold a log of it, by a listing that was made before; without one all are looked through. */
  readonly logQueues?: readonly LogQueueName[] | undefined;
  /** When it is read, in nanoseconds since the epoch. */
  readonly nowNs: bigint;
  /** Whether `take` gets also what may still be being written; without it such files are `unfinished`. */
  readonly takesUnfinished?: boolean;
}

type Opened = (Descriptor & { readonly problem?: undefined }) | { readonly path: string; readonly problem: string };

/**
 * Reads the message of an ID. Where different files have the same ID (a badly copied queue; Postfix never makes such)
 * each of them is read.
 *
 * @returns one reading for each file, at least one
 */
export function readMessage<Value>(
  spool: Spool,
  sighting: Sighting,
  options: ReadMessageOptions<Value>,
): MessageReading<Value>[] {
  const look = (path: string): Opened | undefined => openAt(spool, path);
  const first = locate(
    spool,
    sighting,
    options.lookupRounds === undefined ? { look } : { look, rounds: options.lookupRounds },
  );
  if (first === undefined) {
    return [{ kind: 'vanished' }];
  }
  const opened = [first];
  try {
    opened.push(...openNamesakes(spool, sighting, first));
    const readings = opened.map((file) => readOpened(spool, { id: sighting.id, file, ...options }));
    // What can't be read comes last: it must be told, whatever else has its ID.
    return readings.toSorted((one, other) => Number(isUnreadable(one)) - Number(isUnreadable(other)));
  } finally {
    for (const file of opened) {
      closeOpened(spool, file);
    }
  }
}

function isUnreadable({ kind }: MessageReading<unknown>): boolean {
  return kind === 'unreadable';
}

function openAt(spool: Spool, path: string): Opened | undefined {
  try {
    const fd = openIfThere(spool.fs, absolutePath(spool, path));
    return fd === undefined ? undefined : { fd, path };
  } catch (error) {
    return { path, problem: reasonOf(error) };
  }
}

function closeOpened({ fs }: Spool, file: Opened): void {
  if (file.problem === undefined) {
    fs.close(file.fd);
  }
}

/** Opens the other files that have the same ID. The first is open, so its inode number can't be another file's by now. */
function openNamesakes(spool: Spool, sighting: Sighting, first: Opened): Opened[] {
  const namesakes: Opened[] = [];
  if (sighting.paths.every((path) => path === first.path)) {
    return namesakes;
  }
  const known = [first].flatMap((file) => statusOf(spool, file));
  const isKnown = (status: FileStatus): boolean => known.some((other) => isSameFile(other, status));
  for (const path of sighting.paths.filter((other) => other !== first.path)) {
    const file = openUnknown(spool, path, isKnown);
    if (file === undefined) {
      continue;
    }
    const [opened] = statusOf(spool, file);
    if (opened !== undefined && isKnown(opened)) {
      closeOpened(spool, file);
      continue;
    }
    known.push(...(opened === undefined ? [] : [opened]));
    namesakes.push(file);
  }
  return namesakes;
}

/** Opens what stands at a place, unless it is known. */
function openUnknown(spool: Spool, path: string, isKnown: (status: FileStatus) => boolean): Opened | undefined {
  try {
    const status = spool.fs.lstat(absolutePath(spool, path));
    return status === undefined || isKnown(status) ? undefined : openAt(spool, path);
  } catch (error) {
    return { path, problem: reasonOf(error) };
  }
}

/** None where it can't be told: reading it will say why. */
function statusOf({ fs }: Spool, file: Opened): FileStatus[] {
  try {
    return file.problem === undefined ? [fs.fstat(file.fd)] : [];
  } catch (error) {
    reasonOf(error);
    return [];
  }
}

function readOpened<Value>(
  spool: Spool,
  options: ReadMessageOptions<Value> & { readonly id: string; readonly file: Opened },
): MessageReading<Value> {
  const { file } = options;
  const queueName = file.path.slice(0, file.path.indexOf('/'));
  if (file.problem !== undefined || !isMessageQueueName(queueName)) {
    return { kind: 'unreadable', queueName, reason: file.problem ?? 'it is in no message queue' };
  }
  try {
    return takeMessage(spool, { ...options, file, queueName });
  } catch (error) {
    return { kind: 'unreadable', queueName, reason: reasonOf(error) };
  }
}

interface TakenMessage<Value> extends ReadMessageOptions<Value> {
  readonly id: string;
  readonly file: Descriptor;
  readonly queueName: MessageQueueName;
}

function takeMessage<Value>(spool: Spool, taken: TakenMessage<Value>): MessageReading<Value> {
  const { id, file, queueName, take, logQueues, nowNs, takesUnfinished = false } = taken;
  const described = describe(spool, file);
  const { status } = described;
  if (status.type !== 'file') {
    return { kind: 'unreadable', queueName, reason: 'it is no regular file' };
  }
  const mayBeUnfinished = mayBeBeingWritten(queueName, status, nowNs);
  if (mayBeUnfinished && !takesUnfinished) {
    return { kind: 'unfinished' };
  }
  const isUnfinishedRename = file.path.endsWith(UNFINISHED_RENAME_SUFFIX);
  const logs = new MessageLogs(spool, { id, inode: status.inode, isUnfinishedRename, listedIn: logQueues });
  try {
    const value = take({
      ...described,
      queueName,
      id,
      mayBeUnfinished,
      logs: (hasDoneRecipients) => logs.readAfterMessage(hasDoneRecipients),
      failLog: (log, reason) => logs.fail(log, reason),
    });
    return { kind: 'read', value, logIssues: logs.issues };
  } finally {
    logs.close();
  }
}

/** cleanup(8) and postdrop(1) write what they receive, and what waits for its sender longer than this is not received. */
const LONGEST_PAUSE_NS = 3600n * 1_000_000_000n;

/**
 * Whether cleanup(8) or postdrop(1) may still write a file: it stands where they write, has the mode that they write under,
 * and was written to lately. Everything else was complete once, whatever its mode says now.
 */
export function mayBeBeingWritten(
  queueName: MessageQueueName,
  { mode, mtimeNs }: Pick<FileStatus, 'mode' | 'mtimeNs'>,
  nowNs: bigint,
): boolean {
  return isWritersMode(queueName, mode) && nowNs - mtimeNs < LONGEST_PAUSE_NS;
}
