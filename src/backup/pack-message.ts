/** From an open queue file to what the packer takes: the message, and its logs behind it. */

import { createHash, hash } from 'node:crypto';
import type { BigLogCopy, LogCopy, MessageCopy } from '../archive/message-copy.ts';
import { accountName, type FileMetadata } from '../format/file-metadata.ts';
import { FILE_MAXIMUM } from '../format/limits.ts';
import type { FileStatus } from '../fs/file-system.ts';
import { readLog as summarize } from '../log/log-entry.ts';
import type { Accounts } from '../postfix/accounts.ts';
import { hasLostMode } from '../queue/mode.ts';
import { parseQueueId } from '../queue/queue-id.ts';
import { isLogQueueName, type LogQueueName, type MessageQueueName } from '../queue/queue-name.ts';
import type { Lineage } from '../record/lineage.ts';
import type { OpenQueueFile } from '../spool/read-file.ts';
import type { OpenMessage } from '../spool/read-message.ts';
import { reasonOf } from '../spool/reason.ts';
import { arrivalMicroseconds } from './arrival.ts';
import { type MessageContent, readContent, WHOLE_FILE_MAXIMUM } from './message-content.ts';
import type { CopyIdentity } from './snapshot.ts';

export interface PackOptions {
  readonly accounts: Pick<Accounts, 'userName' | 'groupName'>;
  /** The queues that other files of the same ID have in the archive, which holds no name twice. */
  readonly takenQueues: readonly MessageQueueName[];
  /** Logs have no more than their ID to tell whose they are: where several files have it, the first gets them. */
  readonly hasLogs: boolean;
  /** What message and logs may have in bytes, together. */
  readonly sizeMaximum: number;
  readonly wholeFileMaximum?: number;
}

export interface PackableMessage {
  readonly kind: 'packable';
  readonly identity: CopyIdentity;
  readonly copy: MessageCopy;
  /** By its place in `copy.logs`. */
  readonly openLogs: readonly OpenQueueFile[];
  /** It has not the mode of a finished queue file. */
  readonly hasLostMode: boolean;
}

/** Why a message is not packed. */
export type Unpackable =
  /** The archive has its name already, and it can't have another. */
  | { readonly kind: 'name taken' }
  /** It is still being written, and so not whole. */
  | { readonly kind: 'unfinished' }
  /** Message and logs are more than `sizeMaximum`. */
  | { readonly kind: 'too big' }
  /** It is bigger than anything that an archive holds. */
  | { readonly kind: 'beyond the format' };

/**
 * Where a message counts as standing whose name the archive has already: qmgr(8) moves mail between these as it likes, and
 * a restore treats them alike. maildrop is not among them, nor is hold.
 */
const INTERCHANGEABLE: readonly MessageQueueName[] = ['incoming', 'deferred', 'active'];

/** Reads a message with its logs, in the order that read-logs.ts demands. */
export function readPackable(message: OpenMessage, options: PackOptions): PackableMessage | Unpackable {
  const id = parseQueueId(message.id);
  const queueName = entryQueue(message.queueName, options.takenQueues);
  if (id === undefined || queueName === undefined) {
    return { kind: 'name taken' };
  }
  const { size, inode, birthtimeNs, mode } = message.status;
  if (size > options.sizeMaximum || size > FILE_MAXIMUM) {
    return { kind: size > FILE_MAXIMUM ? 'beyond the format' : 'too big' };
  }
  const content = readContent(message, { queueName: message.queueName, ...wholeFileMaximum(options) });
  if (message.mayBeUnfinished && content.examination.faults.length > 0) {
    return { kind: 'unfinished' };
  }
  const openLogs = options.hasLogs ? takenLogs(message, message.logs(mayHaveDoneRecipients(content))) : [];
  if (openLogs.reduce((sum, log) => sum + log.status.size, size) > options.sizeMaximum) {
    return { kind: 'too big' };
  }
  const logs = openLogs.flatMap((file) => readLog(message, file, options));
  const metadata = metadataOf(message.status, content, options);
  const arrival = arrivalMicroseconds(content.examination.envelope.arrival);
  const isFinished = !message.mayBeUnfinished;
  return {
    kind: 'packable',
    identity: { queueName, inode, size, birthtimeNs, arrival, kin: kinOf(content.lineage, queueName), isFinished },
    copy: { ...content, queueName, id, depth: depthOf(message.path), metadata, logs: logs.map(({ copy }) => copy) },
    openLogs: logs.map(({ file }) => file),
    hasLostMode: isFinished && hasLostMode(message.queueName, mode),
  };
}

function wholeFileMaximum({ wholeFileMaximum: maximum }: PackOptions): { readonly wholeFileMaximum?: number } {
  return maximum === undefined ? {} : { wholeFileMaximum: maximum };
}

/** A log that no archive can hold is named, and left. */
function takenLogs(message: OpenMessage, logs: readonly OpenQueueFile[]): OpenQueueFile[] {
  return logs.filter((log) => {
    if (log.status.size > FILE_MAXIMUM) {
      message.failLog(log, BEYOND_FORMAT);
    }
    return log.status.size <= FILE_MAXIMUM;
  });
}

/** Why a file is not taken that is bigger than the archive's format allows. */
export const BEYOND_FORMAT: string = `it is bigger than ${FILE_MAXIMUM} bytes, the most that an archive holds of a file`;

/** 32 bits of a digest. */
const KIN_DIGITS = 8;

/** See CopyIdentity. */
function kinOf(lineage: Lineage | undefined, queueName: MessageQueueName): number | undefined {
  const digest = queueName === 'maildrop' ? lineage?.submission : lineage?.origin;
  return typeof digest === 'string' ? Number.parseInt(digest.slice(0, KIN_DIGITS), 16) : undefined;
}

/** A file that was read in pieces may have got its marks after it was examined. */
function mayHaveDoneRecipients({ content, examination }: MessageContent): boolean {
  return !(content instanceof Uint8Array) || examination.envelope.recipientsDone > 0;
}

function entryQueue(own: MessageQueueName, taken: readonly MessageQueueName[]): MessageQueueName | undefined {
  if (!taken.includes(own)) {
    return own;
  }
  return INTERCHANGEABLE.includes(own) ? INTERCHANGEABLE.find((queueName) => !taken.includes(queueName)) : undefined;
}

interface ReadLog {
  readonly file: OpenQueueFile;
  readonly copy: LogCopy | BigLogCopy;
}

/** A log that can't be read is named; its message is good without it. */
function readLog(message: OpenMessage, file: OpenQueueFile, options: PackOptions): ReadLog[] {
  const { queueName } = file;
  if (!isLogQueueName(queueName)) {
    return [];
  }
  try {
    const isBig = file.status.size > (options.wholeFileMaximum ?? WHOLE_FILE_MAXIMUM);
    return [{ file, copy: isBig ? bigLog(file, queueName, options) : heldLog(file, queueName, options) }];
  } catch (error) {
    message.failLog(file, reasonOf(error));
    return [];
  }
}

function heldLog(file: OpenQueueFile, queueName: LogQueueName, options: PackOptions): LogCopy {
  const content = file.read(0, file.status.size);
  const metadata = metadataOf(file.status, { size: content.length, sha256: hash('sha256', content) }, options);
  return { queueName, depth: depthOf(file.path), metadata, content };
}

/** A log only grows, so what is read of it a second time is the same. */
function bigLog(file: OpenQueueFile, queueName: LogQueueName, options: PackOptions): BigLogCopy {
  const digest = createHash('sha256');
  let size = 0;
  const hashed = function* (): Generator<Uint8Array> {
    for (const piece of file.pieces()) {
      digest.update(piece);
      size += piece.length;
      yield piece;
    }
  };
  const summary = summarize(hashed(), queueName);
  const metadata = metadataOf(file.status, { size, sha256: digest.digest('hex') }, options);
  const content = { [Symbol.iterator]: () => file.pieces() };
  return { queueName, depth: depthOf(file.path), metadata, content, summary };
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
    uname: accountName(accounts.userName(uid)),
    gname: accountName(accounts.groupName(gid)),
    mtimeNs,
    atimeNs,
    inode,
    sha256,
    size,
  };
}

/** How many hash directories are above the file. */
function depthOf(path: string): number {
  return path.split('/').length - 2;
}
