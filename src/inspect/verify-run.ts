import type { ArchivedFile, EntrySource } from '../archive/entry-source.ts';
import type { FrameReader } from '../archive/frame-reader.ts';
import type { FrameRun } from '../archive/frame-run.ts';
import { withProvenContent } from '../archive/proven-content.ts';
import type { ByteSource } from '../byte-source.ts';
import { ArchiveError } from '../errors.ts';
import type { CatalogueLine } from '../format/catalogue-line.ts';
import type { FrameLocation } from '../format/seek-table.ts';
import type { FileSystem } from '../fs/file-system.ts';
import type { QueueName } from '../queue/queue-name.ts';
import { examineQueueFile } from '../record/examine.ts';
import { fingerprintOfHashed } from '../record/fingerprint.ts';
import { describeFault } from '../record/record-fault.ts';

/** A message or log that something is wrong with. */
export interface FaultyFile {
  readonly queue_name: QueueName;
  readonly queue_id: string;
  readonly reason: string;
}

/** What was found in one run of frames. Plain data: it comes from a worker. */
export interface RunVerdict {
  readonly damagedFrames: readonly number[];
  readonly damaged: readonly FaultyFile[];
  readonly malformed: readonly FaultyFile[];
}

/** What a run is read with. */
export interface RunReader extends EntrySource {
  readonly fs: FileSystem;
  readonly frames: FrameReader;
}

type Verdict =
  | { readonly kind: 'intact' }
  | { readonly kind: 'damaged'; readonly reason: string }
  | { readonly kind: 'malformed'; readonly reason: string };

/**
 * Reads all entries of a run and proves each against its line of the catalogue. Damage is a finding, not an error: what
 * can't be read for it is damaged with it.
 */
export function verifyRun(reader: RunReader, run: FrameRun): RunVerdict {
  const damaged: FaultyFile[] = [];
  const malformed: FaultyFile[] = [];
  let proven = 0;
  try {
    for (const file of reader.entries(run)) {
      const line = run.lines[proven];
      if (line === undefined) {
        throw new ArchiveError('damaged', 'the frame holds more than the catalogue says');
      }
      const verdict = verifyEntry(reader.fs, line, file);
      proven++;
      if (verdict.kind !== 'intact') {
        (verdict.kind === 'damaged' ? damaged : malformed).push(faulty(line, verdict.reason));
      }
    }
    if (proven < run.lines.length) {
      throw new ArchiveError('damaged', 'the frame holds less than the catalogue says');
    }
    return { damagedFrames: [], damaged, malformed };
  } catch (error) {
    if (!(error instanceof ArchiveError)) {
      throw error;
    }
    damaged.push(...run.lines.slice(proven).map((line) => faulty(line, error.message)));
    return { damagedFrames: damagedFrames(reader.frames, run), damaged, malformed };
  }
}

/** Those that can't be read; where all can be, the damage is in what the first says of them. */
function damagedFrames(frames: FrameReader, run: FrameRun): number[] {
  const unreadable = run.frames.flatMap((location, index) => (isReadable(frames, location) ? [] : [run.first + index]));
  return unreadable.length === 0 ? [run.first] : unreadable;
}

function isReadable(frames: FrameReader, location: FrameLocation): boolean {
  try {
    frames.read(location);
    return true;
  } catch (error) {
    if (error instanceof ArchiveError) {
      return false;
    }
    throw error;
  }
}

function faulty({ queue_name, queue_id }: CatalogueLine, reason: string): FaultyFile {
  return { queue_name, queue_id, reason };
}

function verifyEntry(fs: FileSystem, line: CatalogueLine, file: ArchivedFile): Verdict {
  const { name, metadata } = file;
  if (name.kind !== 'file' || name.queueName !== line.queue_name || name.id.text !== line.queue_id) {
    throw new ArchiveError(
      'damaged',
      `the catalogue names ${line.queue_name}/${line.queue_id}, the frame another file`,
    );
  }
  const unlike = metadata.sha256 !== line.sha256 || metadata.size !== line.file_size || metadata.mode !== line.mode;
  const verdict = withProvenContent(fs, file, (source) => judgeContent(line, source));
  return unlike ? { kind: 'damaged', reason: 'the catalogue and the entry contradict each other' } : verdict;
}

function judgeContent(line: CatalogueLine, source: ByteSource): Verdict {
  if (line.kind === 'log') {
    return { kind: 'intact' };
  }
  const { faults, mutableBytes } = examineQueueFile(source, line.queue_name);
  if (fingerprintOfHashed(source, mutableBytes, line.sha256) !== line.fingerprint) {
    return { kind: 'damaged', reason: 'the fingerprint in the catalogue is not that of the content' };
  }
  return faults.length === 0
    ? { kind: 'intact' }
    : { kind: 'malformed', reason: faults.map((fault) => describeFault(fault)).join(', ') };
}
