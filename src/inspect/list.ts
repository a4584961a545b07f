import { openArchiveFile } from '../archive/open-archive.ts';
import { type ArchiveLocation, archiveLocation } from '../archive-location.ts';
import type { CatalogueRecipient, MessageLine } from '../format/catalogue-line.ts';
import type { OperationControl } from '../operation.ts';
import { pause } from './pause.ts';

/** A message of an archive, as the catalogue has it: what `postqueue -j` tells of a message, and more. */
export type ListedMessage = MessageLine;

/** A recipient that is still to do, or that a log tells of, with the reason from the log. */
export type ListedRecipient = CatalogueRecipient;

/** What an archive is a snapshot of. */
export interface ListedSnapshot {
  readonly snapshot_id: string;
  /** When the snapshot was begun: ISO 8601 with zone. */
  readonly started: string;
  readonly myhostname: string;
  /** The Postfix instance; `-` is the primary one, as postmulti(1) writes it. */
  readonly instance: string;
  /** The version of Postfix. */
  readonly mail_version: string;
  readonly queue_directory: string;
  /** Postfix parameters of the source: name and expanded value. */
  readonly parameters: Readonly<Record<string, string>>;
}

export interface ListOptions {
  /** A path, or a location. */
  readonly archive: string | ArchiveLocation;
  /** Told first, once. */
  readonly onSnapshot?: (snapshot: ListedSnapshot) => void;
  /** Told for each message, in the order of the archive. */
  readonly onMessage?: (message: ListedMessage) => void;
}

export interface ListReport {
  readonly snapshot_id: string;
  /** Messages that were in the queue when the snapshot was complete. */
  readonly messages: number;
  /** Messages that left the queue while it was taken. */
  readonly left: number;
}

/** How often an operation lets signals through. */
const LINES_BETWEEN_PAUSES = 1000;

/**
 * Lists an archive's messages from its catalogue alone: the time does not grow with the size of the messages, and one
 * part of the catalogue is in memory at a time.
 *
 * @throws {ArchiveError} the archive is damaged, not complete, hostile or of an unknown version.
 * @throws {OperatorError} `not-found`: there is no such archive.
 * @throws {SystemError} it can't be read.
 * @throws {InterruptedError} by the control's signal.
 */
export async function list(options: ListOptions, control: OperationControl = {}): Promise<ListReport> {
  const archive = await openArchiveFile(archiveLocation(options.archive), control);
  try {
    const { header, seal } = archive;
    options.onSnapshot?.(header);
    let lines = 0;
    for (const line of archive.catalogue()) {
      if (line.kind === 'message') {
        options.onMessage?.(line);
      }
      lines++;
      if (lines % LINES_BETWEEN_PAUSES === 0) {
        await pause(control.signal);
      }
    }
    return { snapshot_id: header.snapshot_id, messages: seal.messages, left: seal.left };
  } finally {
    archive.close();
  }
}
