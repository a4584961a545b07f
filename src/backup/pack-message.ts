/** From an open queue file to what the packer takes: the message, and its logs behind it. */

import { hash } from 'node:crypto';
import type { FileWithContent } from '../archive/frame-packer.ts';
import { filesOf, type LogCopy } from '../archive/message-copy.ts';
import type { FileMetadata } from '../format/file-metadata.ts';
import type { FileStatus } from '../fs/file-system.ts';
import type { Accounts } from '../postfix/accounts.ts';
import { hasLostMode } from '../queue/mode.ts';
import { parseQueueId } from '../queue/queue-id.ts';
import { isLogQueueName, type MessageQueueName } from '../queue/queue-name.ts';
import type { OpenQueueFile } from '../spool/read-file.ts';
import type { OpenMessage } from '../spool/read-message.ts';
import { arrivalMicroseconds } from './arrival.ts';
import { type MessageContent, readContent } from './message-content.ts';
import type { CopyIdentity, CopyRemark } from './snapshot.ts';

export interface PackOptions {
  readonly accounts: Pick<Accounts, 'userName' | 'groupName'>;
  /** The queues that other files of the same ID have in the archive, which holds no name twice. */
  readonly takenQueues: readonly MessageQueueName[];
  /** Logs have no more than their ID to tell whose they are: where several files have it, the first gets them. */
  readonly hasLogs: boolean;
  readonly wholeFileMaximum?: number;
}

export interface PackableMessage {
  readonly identity: CopyIdentity;
  readonly remarks: readonly CopyRemark[];
  readonly files: readonly FileWithContent[];
}

/**
 * Where a message counts as standing whose name the archive has already: qmgr(8) moves mail between these as it likes, and
 * a restore treats them alike. maildrop is not among them, nor is hold.
 */
const INTERCHANGEABLE: readonly MessageQueueName[] = ['incoming', 'deferred', 'active'];

/**
 * Reads a message with its logs, in the order that read-logs.ts demands.
 *
 * @returns undefined if the archive has its name already, and it can't have another; 'unfinished' if it is still being
 *   written, and so not whole
 */
export function readPackable(message: OpenMessage, options: PackOptions): PackableMessage | 'unfinished' | undefined {
  const id = parseQueueId(message.id);
  const queueName = entryQueue(message.queueName, options.takenQueues);
  if (id === undefined || queueName === undefined) {
    return undefined;
  }
  const content = readContent(message, {
    queueName: message.queueName,
    ...(options.wholeFileMaximum === undefined ? {} : { wholeFileMaximum: options.wholeFileMaximum }),
  });
  if (message.mayBeUnfinished && content.examination.faults.length > 0) {
    return 'unfinished';
  }
  const openLogs = options.hasLogs ? message.logs(mayHaveDoneRecipients(content)) : [];
  const logs = openLogs.flatMap((log) => readLog(message, log, options));
  const metadata = metadataOf(message.status, content, options);
  const { inode, birthtimeNs, mode } = message.status;
  const isFinished = !message.mayBeUnfinished;
  const arrival = arrivalMicroseconds(content.examination.envelope.arrival);
  return {
    identity: { queueName, inode, size: message.status.size, birthtimeNs, arrival, isFinished },
    remarks: isFinished && hasLostMode(message.queueName, mode) ? ['mode lost'] : [],
    files: filesOf({ ...content, queueName, id, depth: depthOf(message.place), metadata, logs }),
  };
}

/** A file that was read in pieces may have got its marks after it was examined. */
function mayHaveDoneRecipients({ content, examination }: MessageContent): boolean {
  return !(content instanceof Uint8Array) || examination.envelope.recipients.some(({ done }) => done);
}

function entryQueue(own: MessageQueueName, taken: readonly MessageQueueName[]): MessageQueueName | undefined {
  if (!taken.includes(own)) {
    return own;
  }
  return INTERCHANGEABLE.includes(own) ? INTERCHANGEABLE.find((queueName) => !taken.includes(queueName)) : undefined;
}

/** A log that can't be read is named; its message is good without it. */
function readLog(message: OpenMessage, file: OpenQueueFile, options: PackOptions): LogCopy[] {
  if (!isLogQueueName(file.queueName)) {
    return [];
  }
  try {
    const content = file.read(0, file.status.size);
    const sha256 = hash('sha256', content);
    const metadata = metadataOf(file.status, { size: content.length, sha256 }, options);
    return [{ queueName: file.queueName, depth: depthOf(file.place), metadata, content }];
  } catch (error) {
    message.failLog(file, error);
    return [];
  }
}

function metadataOf(
  status: FileStatus,
  { size, sha256 }: Pick<FileMetadata, 'size' | 'sha256'>,
  { accounts }: PackOptions,
): FileMetadata {
  const { mode, uid, gid, mtimeNs, atimeNs, inode } = status;
  return {
    mode,
    uid,
    gid,
    uname: accounts.userName(uid),
    gname: accounts.groupName(gid),
    mtimeNs,
    atimeNs,
    inode,
    sha256,
    size,
  };
}

/** How many hash directories are above the file. */
function depthOf(place: string): number {
  return place.split('/').length - 2;
}
