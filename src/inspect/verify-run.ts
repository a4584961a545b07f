import { cataloguedEntries, checkMetadata, examineEntry } from '../archive/entry-proof.ts';
import type { ArchivedFile, EntrySource } from '../archive/entry-source.ts';
import type { FrameReader } from '../archive/frame-reader.ts';
import type { FrameRun } from '../archive/frame-run.ts';
import { withProvenContent } from '../archive/proven-content.ts';
import type { ByteSource } from '../byte-source.ts';
import { ArchiveError } from '../errors.ts';
import type { CatalogueLine, MessageLine } from '../format/catalogue-line.ts';
import type { FrameLocation } from '../format/seek-table.ts';
import type { FileSystem } from '../fs/file-system.ts';
import type { QueueName } from '../queue/queue-name.ts';
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
 * Reads all entries of a run and proves each against its line of the catalogue. Damage is a finding, not an error: an
 * entry whose content is damaged costs itself alone; what can't be read behind other damage is damaged with it.
 */
export function verifyRun(reader: RunReader, run: FrameRun): RunVerdict {
  const damaged: FaultyFile[] = [];
  const malformed: FaultyFile[] = [];
  let proven = 0;
  try {
    for (const { file, at } of cataloguedEntries(reader.entries(run), run.lines)) {
      const line = run.lines[at];
      const verdict = line === undefined ? INTACT : verifyEntry(reader.fs, line, file);
      proven += 1;
      if (line !== undefined && verdict.kind !== 'intact') {
        (verdict.kind === 'damaged' ? damaged : malformed).push(faulty(line, verdict.reason));
      }
    }
    return { damagedFrames: damaged.length > 0 ? damagedFrames(reader.frames, run) : [], damaged, malformed };
  } catch (error) {
    if (!(error instanceof ArchiveError)) {
      throw error;
    }
    damaged.push(...run.lines.slice(proven).map((line) => faulty(line, error.message)));
    return { damagedFrames: damagedFrames(reader.frames, run), damaged, malformed };
  }
}

/** Those that can't be read; where all can be, the damage is in what they hold, and the first stands for them. */
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

const INTACT: Verdict = { kind: 'intact' };

function verifyEntry(fs: FileSystem, line: CatalogueLine, file: ArchivedFile): Verdict {
  try {
    return withProvenContent(fs, file, (source) => {
      checkMetadata(line, file);
      return line.kind === 'log' ? INTACT : judgeMessage(line, source);
    });
  } catch (error) {
    if (error instanceof ArchiveError) {
      return { kind: 'damaged', reason: error.message };
    }
    throw error;
  }
}

function judgeMessage(line: MessageLine, source: ByteSource): Verdict {
  const { faults } = examineEntry(source, line, { queueName: line.queue_name });
  return faults.length === 0
    ? INTACT
    : { kind: 'malformed', reason: faults.map((fault) => describeFault(fault)).join(', ') };
}
