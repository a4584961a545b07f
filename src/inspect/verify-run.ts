/** The proof of one run of frames, by one thread. */

import { checkMetadata, examineEntry, isEntryOf } from '../archive/entry-proof.ts';
import { type ArchivedFile, EntryReader } from '../archive/entry-reader.ts';
import { type FramePart, frameParts } from '../archive/frame-parts.ts';
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
export interface RunReader {
  readonly fs: FileSystem;
  readonly frames: Pick<FrameReader, 'read'>;
  /**
   * What the frames hold, in whatever state.
   *
   * @throws ArchiveError `damaged`: a frame can't be decompressed, or an entry that spans several is none
   */
  readonly parts: (run: FrameRun) => Iterable<FramePart>;
}

/** Reads the parts of runs as a salvage does. */
export function partsOfRuns(frames: FrameReader, snapshotId: string): RunReader['parts'] {
  const reader = new EntryReader({ frames, snapshotId });
  return function* (run) {
    const [first, ...others] = run.frames;
    if (first !== undefined && others.length === 0) {
      const content = frames.readAsItIs(first);
      let covered = 0;
      for (const part of frameParts(content, snapshotId)) {
        covered += part.size;
        yield part;
      }
      // Zeros between entries, too: a restore takes none.
      if (covered !== first.size) {
        yield { kind: 'gap', size: Math.abs(first.size - covered) };
      }
      return;
    }
    for (const file of reader.entries(run)) {
      yield { kind: 'entry', file, size: file.metadata.size };
    }
  };
}

type Verdict =
  | { readonly kind: 'intact' }
  | { readonly kind: 'damaged'; readonly reason: string }
  | { readonly kind: 'malformed'; readonly reason: string };

/**
 * Reads all entries of a run and proves each against its line of the catalogue. Damage is a finding, not an error: it
 * costs what it hit, and nothing behind it that can be read again.
 */
export function verifyRun(reader: RunReader, run: FrameRun): RunVerdict {
  const findings: Findings = { damaged: [], malformed: [], next: 0, isDamaged: false };
  try {
    for (const part of reader.parts(run)) {
      if (part.kind === 'entry') {
        notePart(reader.fs, { run, findings }, part.file);
      } else {
        findings.isDamaged = true;
      }
    }
    noteMissing({ run, findings }, run.lines.length, 'its entry is damaged or missing');
  } catch (error) {
    if (!(error instanceof ArchiveError)) {
      throw error;
    }
    noteMissing({ run, findings }, run.lines.length, error.message);
  }
  const { damaged, malformed, isDamaged } = findings;
  return {
    damagedFrames: isDamaged || damaged.length > 0 ? damagedFrames(reader.frames, run) : [],
    damaged,
    malformed,
  };
}

interface Findings {
  readonly damaged: FaultyFile[];
  readonly malformed: FaultyFile[];
  /** The first line whose entry was not met yet. */
  next: number;
  /** Something in the frames is no entry that a line names. */
  isDamaged: boolean;
}

interface Judged {
  readonly run: FrameRun;
  readonly findings: Findings;
}

function notePart(fs: FileSystem, { run, findings }: Judged, file: ArchivedFile): void {
  const at = lineOf(run, file, findings.next);
  const line = run.lines[at];
  if (line === undefined) {
    findings.isDamaged = true;
    return;
  }
  noteMissing({ run, findings }, at, 'its entry is damaged or missing');
  findings.next = at + 1;
  const verdict = verifyEntry(fs, line, file);
  if (verdict.kind !== 'intact') {
    (verdict.kind === 'damaged' ? findings.damaged : findings.malformed).push(faulty(line, verdict.reason));
  }
}

/** The first line of an entry from this one on; behind the last where there is none. */
function lineOf({ lines }: FrameRun, file: ArchivedFile, from: number): number {
  let at = from;
  for (let line = lines[at]; line !== undefined && !isEntryOf(line, file); line = lines[at]) {
    at += 1;
  }
  return at;
}

/** The lines before this one, as far as no entry was found for them. */
function noteMissing({ run, findings }: Judged, before: number, reason: string): void {
  findings.damaged.push(...run.lines.slice(findings.next, before).map((line) => faulty(line, reason)));
  findings.next = before;
}

/** Those that can't be read; where all can be, the damage is in what they hold, and the first stands for them. */
function damagedFrames(frames: RunReader['frames'], run: FrameRun): number[] {
  const unreadable = run.frames.flatMap((location, index) => (isReadable(frames, location) ? [] : [run.first + index]));
  return unreadable.length === 0 ? [run.first] : unreadable;
}

function isReadable(frames: RunReader['frames'], location: FrameLocation): boolean {
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
