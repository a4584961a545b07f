/** Reads an archive that has all its parts. Damage is an ArchiveError, never wrong content. */

import { ArchiveError } from '../errors.ts';
import type { CatalogueLine } from '../format/catalogue-line.ts';
import type { Header } from '../format/header.ts';
import { FRAME_MAXIMUM } from '../format/limits.ts';
import type { Seal } from '../format/seal.ts';
import type { FrameLocation, FrameTable } from '../format/seek-table.ts';
import { type ArchiveEnds, readArchiveEnds } from './archive-ends.ts';
import type { ArchiveOrigin, ArchiveSource } from './archive-source.ts';
import { type CatalogueParts, CatalogueReader, findLines, type MeasuredLine } from './catalogue-reader.ts';
import { type ArchivedFile, EntryReader } from './entry-reader.ts';
import { createFrameReader, type FrameReader } from './frame-reader.ts';
import { type FrameRun, frameRuns } from './frame-run.ts';
import { decodeEntryHeader, tarPadding } from './tar-entry.ts';
import type { Codec } from './zstd/codec.ts';

export type { ArchivedFile, FrameRun };

export interface ArchiveReader extends Pick<EntryReader, 'entries'> {
  readonly header: Header;
  readonly seal: Seal;
  readonly frames: FrameTable;
  /** Bytes of the archive itself. */
  readonly size: number;
  /** Worker threads of this process may open a source of their own from it, until {@link close}. */
  readonly origin: ArchiveOrigin;
  /** All lines, one part of the catalogue in memory at a time. Refuses a queued file that is in it twice. */
  catalogue(): Generator<CatalogueLine, void, undefined>;
  /** The lines of one queue ID, message first, reading few parts. */
  find(queueId: string): CatalogueLine[];
  /** All entries under `queue/` as units of work, read from the catalogue. */
  runs(): Generator<FrameRun, void, undefined>;
  /** The run in which a line's entry is, with that line alone. */
  runOf(line: CatalogueLine): FrameRun;
  /**
   * Decompresses a frame.
   *
   * @throws ArchiveError `damaged`
   */
  readFrame(frame: number): Uint8Array;
  close(): void;
}

export interface ArchiveReaderOptions {
  /** {@link ArchiveReader.close} closes it. */
  readonly source: ArchiveSource;
  readonly codec: Codec;
}

/**
 * Reads header, seek table and seal of an archive.
 *
 * @throws ArchiveError `incomplete`: it was cut off; `unknown-version`; `damaged`; `hostile`. The source stays open then.
 */
export function openArchive(options: ArchiveReaderOptions): ArchiveReader {
  const frameReader = createFrameReader(options);
  const ends = readArchiveEnds(options, frameReader);
  const { header, seal, frames } = ends;
  const parts: CatalogueParts = { ...ends, readFrame: (frame) => frameReader.read(frames.at(frame)) };
  const catalogue = new CatalogueReader(parts);
  const entries = new EntryReader({ frames: frameReader, snapshotId: header.snapshot_id });
  return {
    header,
    seal,
    frames,
    size: options.source.size,
    origin: options.source.origin,
    entries: (run) => entries.entries(run),
    catalogue: () => lines(catalogue.lines()),
    find: (queueId) => findLines(parts, queueId),
    runs: () => frameRuns(catalogue.lines(), { frames, end: seal.frames }),
    runOf: (line) => runOf(line, ends, frameReader),
    readFrame: parts.readFrame,
    close: () => options.source.close(),
  };
}

function* lines(measured: Iterable<MeasuredLine>): Generator<CatalogueLine, void, undefined> {
  for (const { line } of measured) {
    yield line;
  }
}

function runOf(line: CatalogueLine, { frames, seal }: ArchiveEnds, reader: FrameReader): FrameRun {
  const first = frames.at(line.frame);
  const count = first.size === FRAME_MAXIMUM ? spannedFrames(reader.read(first)) : 1;
  if (line.frame < 1 || line.frame + count > seal.frames) {
    throw new ArchiveError('damaged', `an entry is not in the parts of ${line.queue_name}/${line.queue_id}`);
  }
  const locations: FrameLocation[] = Array.from({ length: count }, (_, index) => frames.at(line.frame + index));
  return { first: line.frame, frames: locations, lines: [line] };
}

/** How many frames the first entry of this one fills, which is more than one only if it is the only one in it. */
function spannedFrames(content: Uint8Array): number {
  const { entry, length } = decodeEntryHeader(content, 0);
  const { size } = entry.metadata;
  return Math.ceil((length + size + tarPadding(size)) / FRAME_MAXIMUM);
}
