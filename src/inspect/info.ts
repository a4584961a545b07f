/** `info`: what an archive is, from its two ends alone. */

import type { ArchiveReader } from '../archive/archive-reader.ts';
import { openArchiveFile } from '../archive/open-archive.ts';
import { type ArchiveLocation, archiveLocation } from '../archive-location.ts';
import type { Header } from '../format/header.ts';
import type { CatalogueTotals, SnapshotOutcome } from '../format/seal.ts';
import type { OperationControl } from '../operation.ts';

/** What an archive is a snapshot of. */
export type ListedSnapshot = Pick<
  Header,
  'snapshot_id' | 'started' | 'myhostname' | 'instance' | 'mail_version' | 'queue_directory' | 'parameters'
>;

export interface InfoOptions {
  /** A path, or a location. */
  readonly archive: string | ArchiveLocation;
}

/** What an archive is. Texts are as the archive has them: from whoever wrote it. */
export interface InfoReport
  extends Omit<ListedSnapshot, 'parameters'>,
    Pick<CatalogueTotals, 'messages' | 'left' | 'logs' | 'malformed' | 'bytes' | 'by_queue'>,
    Pick<SnapshotOutcome, 'finished' | 'settled' | 'incomplete' | 'unreadable'> {
  /** The size of the archive itself. */
  readonly archive_bytes: number;
  /** The version of postsnap that wrote it. */
  readonly tool_version: string;
  /** The version of the archive format. */
  readonly format: number;
  readonly encrypted: boolean;
  /** Who signed it; null where nobody did. */
  readonly signed_by: string | null;
  /** What it was made of: a queue directory, or a tar of one, which can't tell all of it. */
  readonly source: 'queue' | 'tar';
}

/**
 * Tells what an archive is. Only header and seal are read and proven: `verify` proves the rest.
 *
 * @throws ArchiveError: the archive is damaged, not complete, hostile or of an unknown version.
 * @throws OperatorError `not-found`: there is no such archive.
 * @throws SystemError: it can't be read.
 * @throws InterruptedError: by the control's signal.
 */
export async function info(options: InfoOptions, control: OperationControl = {}): Promise<InfoReport> {
  const archive = await openArchiveFile(archiveLocation(options.archive), control);
  try {
    return infoOf(archive);
  } finally {
    archive.close();
  }
}

/** What an archive that is open says of itself. */
export function infoOf({ header, seal, size }: Pick<ArchiveReader, 'header' | 'seal' | 'size'>): InfoReport {
  return {
    snapshot_id: header.snapshot_id,
    myhostname: header.myhostname,
    instance: header.instance,
    mail_version: header.mail_version,
    queue_directory: header.queue_directory,
    started: header.started,
    finished: seal.finished,
    messages: seal.messages,
    left: seal.left,
    logs: seal.logs,
    malformed: seal.malformed,
    incomplete: seal.incomplete,
    unreadable: seal.unreadable,
    settled: seal.settled,
    by_queue: seal.by_queue,
    bytes: seal.bytes,
    archive_bytes: size,
    tool_version: header.postsnap_version,
    format: header.format,
    encrypted: false,
    signed_by: null,
    source: header.source ?? 'queue',
  };
}
