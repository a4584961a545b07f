/** A message with its logs, read from a queue that may be running: without locks, without a trace. */

import { isSameFile } from '../fs/same-file.ts';
import { isUnfinished } from '../queue/mode.ts';
import { UNFINISHED_RENAME_SUFFIX } from '../queue/queue-id.ts';
import { isMessageQueueName, type LogQueueName, type MessageQueueName } from '../queue/queue-name.ts';
import { locate, type Sighting } from './locate.ts';
import { type Descriptor, describe, type OpenQueueFile, openIfThere } from './read-file.ts';
import { type LogIssue, openLogs } from './read-logs.ts';
import { reasonOf } from './reason.ts';
import { pathOf, type SpoolSource } from './source.ts';

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
}

type Opened = (Descriptor & { readonly problem?: undefined }) | { readonly place: string; readonly problem: string };

/**
 * Reads the message of an ID. Where different files have the same ID (a badly copied queue; Postfix never makes such)
 * each of them is read.
 *
 * @returns one reading for each file, at least one
 */
export function readMessage<Value>(
  source: SpoolSource,
  sighting: Sighting,
  options: ReadMessageOptions<Value>,
): MessageReading<Value>[] {
  const look = (place: string): Opened | undefined => openPlace(source, place);
  const first = locate(
    source,
    sighting,
    options.lookupRounds === undefined ? { look } : { look, rounds: options.lookupRounds },
  );
  if (first === undefined) {
    return [{ kind: 'vanished' }];
  }
  const opened = [first];
  try {
    opened.push(...openNamesakes(source, sighting, first));
    const readings = opened.map((file) => readOpened(source, { id: sighting.id, file, ...options }));
    // What can't be read comes last: it must be told, whatever else has its ID.
    return readings.toSorted((one, other) => Number(isUnreadable(one)) - Number(isUnreadable(other)));
  } finally {
    for (const file of opened) {
      closeOpened(source, file);
    }
  }
}

function isUnreadable({ kind }: MessageReading<unknown>): boolean {
  return kind === 'unreadable';
}

function openPlace(source: SpoolSource, place: string): Opened | undefined {
  try {
    const fd = openIfThere(source.fs, pathOf(source, place));
    return fd === undefined ? undefined : { fd, place };
  } catch (error) {
    return { place, problem: reasonOf(error) };
  }
}

function closeOpened({ fs }: SpoolSource, file: Opened): void {
  if (file.problem === undefined) {
    fs.close(file.fd);
  }
}

/** Opens the other files that have the same ID. The first is open, so its inode number can't be another file's by now. */
function openNamesakes(source: SpoolSource, sighting: Sighting, first: Opened): Opened[] {
  const namesakes: Opened[] = [];
  if (sighting.places.every((place) => place === first.place)) {
    return namesakes;
  }
  const known = first.problem === undefined ? [source.fs.fstat(first.fd)] : [];
  for (const place of sighting.places) {
    const status = place === first.place ? undefined : source.fs.lstat(pathOf(source, place));
    if (status === undefined || known.some((other) => isSameFile(other, status))) {
      continue;
    }
    const file = openPlace(source, place);
    if (file?.problem !== undefined) {
      namesakes.push(file);
    } else if (file !== undefined) {
      const opened = source.fs.fstat(file.fd);
      if (known.some((other) => isSameFile(other, opened))) {
        closeOpened(source, file);
      } else {
        known.push(opened);
        namesakes.push(file);
      }
    }
  }
  return namesakes;
}

function readOpened<Value>(
  source: SpoolSource,
  { id, file, take, logQueues }: ReadMessageOptions<Value> & { readonly id: string; readonly file: Opened },
): MessageReading<Value> {
  const queueName = file.place.slice(0, file.place.indexOf('/'));
  if (file.problem !== undefined || !isMessageQueueName(queueName)) {
    return { kind: 'unreadable', queueName, reason: file.problem ?? 'it is in no message queue' };
  }
  const described = describe(source.fs, file);
  if (described.status.type !== 'file') {
    return { kind: 'unreadable', queueName, reason: 'it is no regular file' };
  }
  if (isStillWritten(queueName, described.status.mode)) {
    return { kind: 'unfinished' };
  }
  const isUnfinishedRename = file.place.endsWith(UNFINISHED_RENAME_SUFFIX);
  const logs = openLogs(source, { id, inode: described.status.inode, isUnfinishedRename, listedIn: logQueues });
  try {
    const value = take({
      ...described,
      queueName,
      id,
      logs: (hasDoneRecipients) => logs.readAfterMessage(hasDoneRecipients),
    });
    return { kind: 'read', value, logIssues: logs.issues };
  } catch (error) {
    return { kind: 'unreadable', queueName, reason: reasonOf(error) };
  } finally {
    logs.close();
  }
}

/** Nothing writes in corrupt and saved: what is there is taken, whatever its mode says. */
export function isStillWritten(queueName: MessageQueueName, mode: number): boolean {
  return queueName !== 'corrupt' && queueName !== 'saved' && isUnfinished(mode);
}
