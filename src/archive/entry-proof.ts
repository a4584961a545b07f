/**
 * Proves entries against the lines that the catalogue has of them. `verify` and a restore both do it, and come to the
 * same judgement: the entries of a frame are those that its lines name, in their order, none more and none less; what a
 * line says of size, mode and digest is what the entry says; and the fingerprint is that of the content. That the
 * content fits the entry's own digest is proven by reading its pieces (entry-reader.ts).
 */

import type { ByteSource } from '../byte-source.ts';
import { ArchiveError } from '../errors.ts';
import type { MessageQueueName, QueueName } from '../queue/queue-name.ts';
import { type ExaminationLimits, examineQueueFile, type QueueFileExamination } from '../record/examine.ts';
import { fingerprintOfHashed } from '../record/fingerprint.ts';
import { lineageOf } from '../record/lineage.ts';
import { printableAddress } from '../record/printable-address.ts';
import type { ArchivedFile } from './entry-reader.ts';
import { cutText } from './fitting.ts';

/** The members of a catalogue line that its entry must fit. */
export interface ProvenLine {
  readonly kind: 'message' | 'log';
  readonly queue_name: QueueName;
  readonly queue_id: string;
  readonly file_size: number;
  readonly mode: number;
  readonly sha256: string;
  /** Of messages, as are those below. */
  readonly fingerprint?: string | undefined;
  readonly submission?: string | undefined;
  readonly origin?: string | null | undefined;
  readonly sender?: string | undefined;
}

export interface CataloguedEntry {
  readonly file: ArchivedFile;
  /** Its line's number, from 0. */
  readonly at: number;
}

/**
 * Gives the entries of consecutive frames, each once its name is found to be that of its line.
 *
 * @throws ArchiveError `damaged`: an entry that no line names, also behind the last of them; a line without its entry; or
 *   what reading the entries throws. What was given before stays good.
 */
export function* cataloguedEntries(
  entries: Iterable<ArchivedFile>,
  lines: readonly Pick<ProvenLine, 'queue_name' | 'queue_id'>[],
): Generator<CataloguedEntry, void, undefined> {
  let at = 0;
  for (const file of entries) {
    const line = lines[at];
    if (line === undefined) {
      throw new ArchiveError('damaged', 'the archive holds more of it than the catalogue says');
    }
    if (!isEntryOf(line, file)) {
      throw new ArchiveError(
        'damaged',
        `the catalogue names ${line.queue_name}/${line.queue_id}, the archive another file`,
      );
    }
    yield { file, at };
    at += 1;
  }
  if (at < lines.length) {
    throw new ArchiveError('damaged', 'the archive holds less of it than the catalogue says');
  }
}

/** Whether an entry has the name that a line gives. */
export function isEntryOf(line: Pick<ProvenLine, 'queue_name' | 'queue_id'>, { name }: ArchivedFile): boolean {
  return name.kind === 'file' && name.queueName === line.queue_name && name.id.text === line.queue_id;
}

/** @throws ArchiveError `damaged`: the entry says something else than the line. */
export function checkMetadata(line: ProvenLine, { metadata }: ArchivedFile): void {
  const { sha256, size, mode } = metadata;
  if (sha256 !== line.sha256 || size !== line.file_size || mode !== line.mode) {
    throw new ArchiveError('damaged', 'the catalogue and the entry contradict each other');
  }
}

/** What a message's records must be fit for. */
export interface EntryUse {
  readonly queueName: MessageQueueName;
  readonly limits?: ExaminationLimits;
}

/**
 * Examines the records of a message whose content is proven.
 *
 * @throws ArchiveError `damaged`: the line's fingerprint is not that of the content, or what it would be known by after
 *   pickup(8) is not: else an archive could have other mail left out for good.
 */
export function examineEntry(
  source: ByteSource,
  line: Pick<ProvenLine, 'sha256' | 'fingerprint' | 'submission' | 'origin' | 'sender'>,
  { queueName, limits }: EntryUse,
): QueueFileExamination {
  const examination = examineQueueFile(source, queueName, limits);
  if (fingerprintOfHashed(source, examination.mutableBytes, line.sha256) !== line.fingerprint) {
    throw new ArchiveError('damaged', 'the fingerprint in the catalogue is not that of the content');
  }
  const lineage = lineageOf(examination, source);
  const origin = line.origin === undefined ? line.submission : line.origin;
  const sender = cutText(printableAddress(examination.envelope.sender ?? new Uint8Array(0)));
  if (lineage?.submission !== line.submission || lineage?.origin !== origin || sender !== line.sender) {
    throw new ArchiveError('damaged', 'the lineage in the catalogue is not that of the content');
  }
  return examination;
}
