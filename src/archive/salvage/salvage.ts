/**
 * Gets out of a damaged or cut archive what is intact, without seek table, catalogue and seal: frames are found by
 * their magic number, entries by their headers, and each entry is proven by its own digest before it is given.
 *
 * Content is written by strangers, and may hold what looks like a frame or an entry. It can't be taken for one: every
 * entry names the snapshot, whose ID is random.
 */

import type { ByteSource } from '../../byte-source.ts';
import { ArchiveError } from '../../errors.ts';
import type { Header } from '../../format/header.ts';
import { FRAME_MAXIMUM } from '../../format/limits.ts';
import type { FrameLocation } from '../../format/seek-table.ts';
import { readHeader } from '../archive-ends.ts';
import { type ArchivedFile, EntryReader } from '../entry-reader.ts';
import { frameParts } from '../frame-parts.ts';
import { createFrameReader } from '../frame-reader.ts';
import { readToEnd } from '../proven-content.ts';
import { decodeEntryHeader } from '../tar-entry.ts';
import { unlessDamaged } from '../unless-damaged.ts';
import type { Codec } from '../zstd/codec.ts';
import { type FoundFrame, findFrames } from './frame-scan.ts';

export interface SalvageOptions {
  /** The damaged archive. The caller closes it. */
  readonly source: ByteSource;
  readonly codec: Codec;
}

/** What was found so far; complete once the files are all read. */
export interface SalvageReport {
  /** Undefined where it is damaged. */
  readonly header: Header | undefined;
  /** Of the archive's bytes, those in no intact frame. */
  lostBytes: number;
  /** Intact frames. */
  frames: number;
  /** Bytes within intact frames that belong to no intact entry. */
  lostContent: number;
}

export interface Salvage {
  readonly report: SalvageReport;
  /** Queue and log files, in the order of the archive. Their content is proven already. A name may occur twice. */
  readonly files: () => Generator<ArchivedFile, void, undefined>;
}

interface Context extends SalvageOptions {
  readonly report: SalvageReport;
  readonly snapshotId: string;
}

/** @throws ArchiveError `unknown-version`: the header is intact, and of a version that is not known. */
export function salvageArchive(options: SalvageOptions): Salvage {
  const header = intactHeader(options);
  const report: SalvageReport = { header, lostBytes: options.source.size, frames: 0, lostContent: 0 };
  return {
    report,
    *files() {
      const snapshotId = header?.snapshot_id ?? mostFrequentSnapshot(options);
      yield* salvageFiles({ ...options, report, snapshotId });
    },
  };
}

/** The snapshot that most frames begin with an entry of, for a file whose header is lost. */
function mostFrequentSnapshot(options: SalvageOptions): string {
  const counts = new Map<string, number>();
  for (const found of findFrames(options)) {
    const id =
      found.kind === 'frame' ? unlessDamaged(() => decodeEntryHeader(found.content, 0).entry.snapshotId) : undefined;
    if (id !== undefined) {
      counts.set(id, (counts.get(id) ?? 0) + 1);
    }
  }
  const [most] = [...counts].sort(([, a], [, b]) => b - a);
  return most?.[0] ?? '';
}

function intactHeader(options: SalvageOptions): Header | undefined {
  try {
    return readHeader(options).header;
  } catch (error) {
    if (error instanceof ArchiveError && error.code !== 'unknown-version') {
      return undefined;
    }
    throw error;
  }
}

function* salvageFiles(context: Context): Generator<ArchivedFile, void, undefined> {
  const { report } = context;
  let spanning: SpanningFrames | undefined;
  for (const found of findFrames(context)) {
    report.lostBytes -= found.compressedSize;
    if (found.kind === 'seek-table') {
      continue;
    }
    report.frames += 1;
    if (spanning === undefined || !continues(spanning, found)) {
      report.lostContent += spanning?.size ?? 0;
      const { files, rest } = entriesOfFrame(context, found);
      yield* files;
      spanning = rest;
    } else {
      spanning.locations.push(locationOf(found));
      spanning.size += found.size;
    }
    if (spanning !== undefined && spanning.size === spanning.total) {
      yield* provenSpanning(context, spanning);
      spanning = undefined;
    }
  }
  report.lostContent += spanning?.size ?? 0;
}

/** Full frames of an entry that goes on. */
interface SpanningFrames {
  readonly locations: FrameLocation[];
  /** Bytes that these frames hold. */
  size: number;
  /** Bytes that the entry takes. */
  readonly total: number;
}

/** Only the frame that stands right behind, and holds what is wanted, continues an entry. */
function continues(spanning: SpanningFrames, found: FoundFrame): boolean {
  const last = spanning.locations.at(-1);
  const isNext = last !== undefined && last.offset + last.compressedSize === found.offset;
  return isNext && found.size === Math.min(FRAME_MAXIMUM, spanning.total - spanning.size);
}

/** Without the content: an entry may span thousands of frames. */
function locationOf({ offset, compressedSize, size }: FoundFrame): FrameLocation {
  return { offset, compressedSize, size };
}

/** Reads an entry once to prove it; whoever takes its pieces reads it again. */
function* provenSpanning(context: Context, { locations, size }: SpanningFrames): Generator<ArchivedFile> {
  const reader = new EntryReader({ frames: createFrameReader(context), snapshotId: context.snapshotId });
  const files = unlessDamaged(() => {
    const found = [...reader.entries({ frames: locations })];
    for (const file of found) {
      readToEnd(file.pieces());
    }
    return found;
  });
  if (files === undefined) {
    context.report.lostContent += size;
    return;
  }
  yield* files.filter((file) => file.name.kind === 'file');
}

interface FrameEntries {
  readonly files: readonly ArchivedFile[];
  /** The entry that fills the frame and goes on behind it. */
  readonly rest: SpanningFrames | undefined;
}

/** The intact entries of a frame. */
function entriesOfFrame(context: Context, found: FoundFrame): FrameEntries {
  const { content } = found;
  const files: ArchivedFile[] = [];
  for (const part of frameParts(content, context.snapshotId)) {
    if (part.kind === 'open entry') {
      const isSpanning = part.at === 0 && content.length === FRAME_MAXIMUM;
      context.report.lostContent += isSpanning ? 0 : content.length - part.at;
      return {
        files,
        rest: isSpanning ? { locations: [locationOf(found)], size: found.size, total: part.size } : undefined,
      };
    }
    if (part.kind === 'gap' || !isIntact(part.file)) {
      context.report.lostContent += part.size;
    } else if (part.file.name.kind === 'file') {
      files.push(part.file);
    }
  }
  return { files, rest: undefined };
}

function isIntact(file: ArchivedFile): boolean {
  const proven = unlessDamaged(() => {
    readToEnd(file.pieces());
    return true;
  });
  return proven === true;
}
