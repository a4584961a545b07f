/**
 * Takes the entries out of frames. Whatever is not exactly as a writer leaves it is an ArchiveError; content is proven
 * by its own SHA-256 before it counts.
 */

import { createHash, hash } from 'node:crypto';
import { ArchiveError } from '../errors.ts';
import { type EntryName, parseEntryName } from '../format/entry-name.ts';
import type { FileMetadata } from '../format/file-metadata.ts';
import type { FrameLocation } from '../format/seek-table.ts';
import type { FrameReader } from './frame-reader.ts';
import { HeaderTemplates } from './header-templates.ts';
import { type DecodedHeader, decodeEntryHeader, isZeros, tarPadding } from './tar-entry.ts';

/** An entry that was read back. */
export interface ArchivedFile {
  readonly name: EntryName;
  readonly metadata: FileMetadata;
  /**
   * The content, a frame's worth a piece: one piece for all but entries that span several frames, none where it is
   * empty. It is proven once the generator has ended; of a single piece, before that piece is given.
   *
   * @throws ArchiveError `damaged`
   */
  readonly pieces: () => Generator<Uint8Array, void, undefined>;
}

export interface EntryReaderOptions {
  readonly frames: Pick<FrameReader, 'read'>;
  /** That of the archive's header: entries of another snapshot are refused. */
  readonly snapshotId: string;
}

/** Reads entries, one run of frames after the other. */
export class EntryReader {
  readonly #frames: EntryReaderOptions['frames'];
  readonly #origin: EntryOrigin;

  constructor({ frames, snapshotId }: EntryReaderOptions) {
    this.#frames = frames;
    this.#origin = { snapshotId, templates: new HeaderTemplates() };
  }

  /**
   * The entries of consecutive frames that belong together: all those of one frame, or the one that spans them.
   *
   * @throws ArchiveError `damaged`: what was given before stays good.
   */
  *entries(run: { readonly frames: readonly FrameLocation[] }): Generator<ArchivedFile, void, undefined> {
    const [first, ...others] = run.frames;
    if (first === undefined) {
      return;
    }
    const content = this.#frames.read(first);
    if (others.length === 0) {
      yield* entriesOf(content, this.#origin);
    } else {
      yield spanningEntry({ content, others, frames: this.#frames }, this.#origin);
    }
  }
}

/** What the headers of entries are compared with. */
export interface EntryOrigin {
  readonly snapshotId: string;
  readonly templates: HeaderTemplates;
}

/** The entries of a frame that holds nothing but whole ones. */
function* entriesOf(content: Uint8Array, origin: EntryOrigin): Generator<ArchivedFile, void, undefined> {
  for (let at = 0; at < content.length; ) {
    const entry = entryAt(content, at, origin);
    if (entry.end > content.length) {
      throw new ArchiveError('damaged', 'an entry goes on behind the end of its part');
    }
    yield entry.file;
    at = entry.end;
  }
}

export interface LocatedEntry {
  readonly file: ArchivedFile;
  /** Where the next entry begins, which is behind the frame's end where this one goes on in the next. */
  readonly end: number;
}

/** The entry that begins at `at`. Its pieces end with the frame. */
export function entryAt(content: Uint8Array, at: number, origin: EntryOrigin): LocatedEntry {
  const header = decodeEntryHeader(content, at, origin.templates);
  const { entry, length } = header;
  const name = checkEntry(header, origin);
  const { size } = entry.metadata;
  const begin = at + length;
  const end = begin + size + tarPadding(size);
  const pieces = function* (): Generator<Uint8Array, void, undefined> {
    const bytes = content.subarray(begin, begin + size);
    if (hash('sha256', bytes) !== entry.metadata.sha256 || !isZeros(content.subarray(begin + size, end))) {
      throw unlikeDigest(entry.name);
    }
    if (size > 0) {
      yield bytes;
    }
  };
  return { file: { name, metadata: entry.metadata, pieces }, end };
}

function checkEntry({ entry }: DecodedHeader, { snapshotId }: EntryOrigin): EntryName {
  if (entry.snapshotId !== snapshotId) {
    throw new ArchiveError('hostile', 'the archive holds an entry of another snapshot');
  }
  return parseEntryName(entry.name);
}

function unlikeDigest(name: string): ArchiveError {
  return new ArchiveError('damaged', `the content of ${name} does not fit its digest`);
}

interface SpanningFrames {
  /** Of the first frame. */
  readonly content: Uint8Array;
  readonly others: readonly FrameLocation[];
  readonly frames: Pick<FrameReader, 'read'>;
}

/** The one entry that fills several frames, which are read one by one as its pieces are asked for. */
function spanningEntry({ content, others, frames }: SpanningFrames, origin: EntryOrigin): ArchivedFile {
  const header = decodeEntryHeader(content, 0, origin.templates);
  const { entry, length } = header;
  const name = checkEntry(header, origin);
  const { size, sha256: digest } = entry.metadata;
  const expected = length + size + tarPadding(size);
  const total = others.reduce((sum, other) => sum + other.size, content.length);
  if (total !== expected) {
    throw new ArchiveError('damaged', `${entry.name} does not fill its parts`);
  }
  const pieces = function* (): Generator<Uint8Array, void, undefined> {
    const proof = createHash('sha256');
    let left = size;
    for (const bytes of spanningContent(content.subarray(length), others, frames)) {
      const piece = bytes.subarray(0, left);
      left -= piece.length;
      proof.update(piece);
      if (!isZeros(bytes.subarray(piece.length))) {
        throw unlikeDigest(entry.name);
      }
      if (piece.length > 0) {
        yield piece;
      }
    }
    if (proof.digest('hex') !== digest) {
      throw unlikeDigest(entry.name);
    }
  };
  return { name, metadata: entry.metadata, pieces };
}

function* spanningContent(
  first: Uint8Array,
  others: readonly FrameLocation[],
  frames: Pick<FrameReader, 'read'>,
): Generator<Uint8Array> {
  yield first;
  for (const location of others) {
    yield frames.read(location);
  }
}
