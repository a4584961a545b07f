/** One message of an archive, as a queue file or as mail. */

import type { ArchivedFile, ArchiveReader } from '../archive/archive-reader.ts';
import { nameOf, openArchiveFile } from '../archive/open-archive.ts';
import { namedError } from '../archive/open-failure.ts';
import { withProvenContent } from '../archive/proven-content.ts';
import { type ArchiveLocation, archiveLocation } from '../archive-location.ts';
import type { ByteSource } from '../byte-source.ts';
import { ArchiveError } from '../errors.ts';
import type { MessageLine, MessageState } from '../format/catalogue-line.ts';
import { nodeFileSystem } from '../fs/node-file-system.ts';
import type { OperationControl } from '../operation.ts';
import type { MessageQueueName } from '../queue/queue-name.ts';
import { messageContent } from '../record/content.ts';
import { pause } from './pause.ts';

export interface CatOptions {
  /** A path, or a location. */
  readonly archive: string | ArchiveLocation;
  readonly queueId: string;
  /** The queue that the message was in, where messages of several queues have the ID. */
  readonly queueName?: string;
  /** The queue file as it was, or the message in it (RFC 5322), its lines ended by a line feed. */
  readonly part?: 'queue-file' | 'message';
  /** Takes the bytes, in order; they are copied if kept. Nothing is given before all of it is proven. */
  readonly onBytes: (bytes: Uint8Array) => void;
}

/** A message that fits what was asked for. */
export interface CatMatch {
  readonly queue_name: MessageQueueName;
  readonly queue_id: string;
  readonly state: MessageState;
}

export interface CatReport {
  /** Exactly one: its bytes were given. None, or several: nothing was. */
  readonly matches: readonly CatMatch[];
}

const PIECE_SIZE = 1024 * 1024;

/**
 * Reads one message out of an archive, without the others.
 *
 * @throws ArchiveError: the archive is damaged where it had to be read, not complete, hostile or of an unknown version.
 * @throws OperatorError `not-found`: there is no such archive.
 * @throws SystemError: it can't be read.
 * @throws InterruptedError: by the control's signal.
 */
export async function cat(options: CatOptions, control: OperationControl = {}): Promise<CatReport> {
  const location = archiveLocation(options.archive);
  const archive = await openArchiveFile(location, control);
  try {
    await pause(control.signal);
    const lines = findMessages(archive, options);
    const [line] = lines;
    if (line !== undefined && lines.length === 1) {
      giveMessage(archive, line, options);
    }
    return { matches: lines.map(({ queue_name, queue_id, state }) => ({ queue_name, queue_id, state })) };
  } catch (error) {
    throw namedError(error, nameOf(location));
  } finally {
    archive.close();
  }
}

/** Of one name in one queue, the message that was there at the end: those that left before may have had the same ID. */
function findMessages(archive: ArchiveReader, { queueId, queueName }: CatOptions): MessageLine[] {
  const byQueue = new Map<MessageQueueName, MessageLine>();
  for (const line of archive.find(queueId)) {
    if (line.kind === 'message' && (queueName === undefined || line.queue_name === queueName)) {
      if (byQueue.get(line.queue_name)?.state !== 'queued') {
        byQueue.set(line.queue_name, line);
      }
    }
  }
  return [...byQueue.values()];
}

function giveMessage(archive: ArchiveReader, line: MessageLine, options: CatOptions): void {
  for (const file of archive.entries(archive.runOf(line))) {
    if (isEntryOf(line, file)) {
      withProvenContent(nodeFileSystem, file, (source) => giveContent(source, options));
      return;
    }
  }
  throw new ArchiveError('damaged', `${line.queue_name}/${line.queue_id} is not where the catalogue says`);
}

function isEntryOf(line: MessageLine, { name, metadata }: ArchivedFile): boolean {
  return (
    name.kind === 'file' &&
    name.queueName === line.queue_name &&
    name.id.text === line.queue_id &&
    metadata.sha256 === line.sha256
  );
}

function giveContent(source: ByteSource, { part, onBytes }: CatOptions): void {
  if (part === 'message') {
    for (const piece of messageContent(source)) {
      onBytes(piece);
    }
    return;
  }
  for (let offset = 0; offset < source.size; offset += PIECE_SIZE) {
    onBytes(source.read(offset, PIECE_SIZE));
  }
}
