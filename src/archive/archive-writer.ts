/** Writes an archive, front to back, to anything that takes bytes. Memory does not grow with the queue. */

import { hash } from 'node:crypto';
import { SystemError } from '../errors.ts';
import { completeCatalogueLine, type MessageState } from '../format/catalogue-line.ts';
import { type EntryName, formatEntryName } from '../format/entry-name.ts';
import { encodeHeader, type Header } from '../format/header.ts';
import { createIdFilter } from '../format/id-filter.ts';
import { CATALOGUE_PART_FULL, FORMAT_VERSION, FRAME_COUNT_MAXIMUM, FRAME_MAXIMUM } from '../format/limits.ts';
import { type CataloguePart, encodeSeal, type Seal, type SnapshotOutcome } from '../format/seal.ts';
import { encodeSeekTable, type FrameSizes } from '../format/seek-table.ts';
import type { FileSystem } from '../fs/file-system.ts';
import { CatalogueLines, type NumberedLine } from './catalogue-draft.ts';
import { CatalogueTally } from './catalogue-tally.ts';
import type { DraftMessage } from './draft-line.ts';
import type { FrameHold } from './frame-hold.ts';
import type { PackedFrame } from './packed-frame.ts';
import { encodeEntryHeader, TAR_END, tarPadding } from './tar-entry.ts';
import type { Codec } from './zstd/codec.ts';

/** Where the bytes of an archive go: a new file, or a descriptor. */
export interface ArchiveOutput {
  write(bytes: Uint8Array): void;
}

export interface ArchiveWriterOptions {
  readonly output: ArchiveOutput;
  readonly codec: Codec;
  readonly header: Header;
  readonly fs: FileSystem;
  /** An empty temporary file for the catalogue's lines, open for reading and writing. The caller closes it. */
  readonly draftFd: number;
}

export interface ArchiveEnd {
  readonly outcome: SnapshotOutcome;
  /**
   * Says of each message, in the order of the archive, whether it was still there at the end.
   *
   * @param index counts the messages of the archive, from 0.
   */
  readonly stateOf: (message: DraftMessage, index: number) => MessageState;
}

/** Writes the header frame, and takes the rest. */
export class ArchiveWriter {
  /** Holds frames of a message in the catalogue's temporary file until all of it was read. */
  readonly hold: FrameHold;
  readonly #options: ArchiveWriterOptions;
  readonly #frames: FrameAppender;
  readonly #drafted: CatalogueLines;
  readonly #headerSha256: string;

  constructor(options: ArchiveWriterOptions) {
    this.#options = options;
    this.#frames = new FrameAppender(options.output);
    this.#drafted = new CatalogueLines(options.fs, options.draftFd);
    this.hold = this.#drafted.hold;
    this.#headerSha256 = this.#appendOwn({ kind: 'header' }, encodeHeader(options.header)).sha256;
  }

  /** Bytes written so far. */
  get bytesWritten(): number {
    return this.#frames.bytesWritten;
  }

  /** Appends a frame and keeps its lines of the catalogue. @returns the frame's number. */
  append({ bytes, size, lines }: PackedFrame): number {
    const frame = this.#frames.append(bytes, size);
    this.#drafted.add(frame, lines);
    return frame;
  }

  /** Writes catalogue, seal and seek table. The output is complete then, but neither synced nor closed. */
  finish(end: ArchiveEnd): Seal {
    const frames = this.#frames;
    const messageFrames = frames.count;
    const tally = new CatalogueTally();
    const entries: EntryAppender = (name, content) => this.#appendOwn(name, content);
    const catalogue = [...writeCatalogue({ drafted: this.#drafted, entries, tally, end })];
    const seal: Seal = {
      format: FORMAT_VERSION,
      snapshot_id: this.#options.header.snapshot_id,
      ...end.outcome,
      ...tally.totals(),
      header_sha256: this.#headerSha256,
      frames: messageFrames,
      catalogue,
    };
    this.#appendOwn({ kind: 'seal' }, encodeSeal(seal), TAR_END);
    this.#options.output.write(encodeSeekTable(frames.sizes(), frames.count));
    return seal;
  }

  #appendOwn(name: EntryName, content: Uint8Array, tail?: Uint8Array): WrittenEntry {
    return appendEntry({ options: this.#options, frames: this.#frames }, { name, content, tail });
  }
}

/** Appends an entry in frames of its own. */
type EntryAppender = (name: EntryName, content: Uint8Array) => WrittenEntry;

interface WrittenEntry {
  /** The frame that it begins. */
  readonly frame: number;
  /** Of its content. */
  readonly sha256: string;
}

interface DraftedCatalogue {
  readonly drafted: CatalogueLines;
  readonly entries: EntryAppender;
  readonly tally: CatalogueTally;
  readonly end: ArchiveEnd;
}

/** A part of the catalogue that is being filled. */
interface OpenPart {
  size: number;
  texts: Uint8Array[];
  queueIds: string[];
}

function* writeCatalogue({ drafted, entries, tally, end }: DraftedCatalogue): Generator<CataloguePart> {
  let part: OpenPart = { size: 0, texts: [], queueIds: [] };
  let number = 0;
  let messages = 0;
  for (const line of drafted.lines()) {
    const state = isMessage(line) ? end.stateOf(line, messages) : undefined;
    messages += state === undefined ? 0 : 1;
    tally.count(line, state);
    const text = Buffer.from(completeCatalogueLine(line.text, { frame: line.frame, state }));
    part.texts.push(text);
    part.queueIds.push(line.queueId);
    part.size += text.length;
    if (part.size >= CATALOGUE_PART_FULL) {
      yield writePart(entries, part, number);
      number += 1;
      part = { size: 0, texts: [], queueIds: [] };
    }
  }
  if (part.size > 0) {
    yield writePart(entries, part, number);
  }
}

function isMessage(line: NumberedLine): line is NumberedLine & DraftMessage {
  return line.kind === 'message';
}

function writePart(entries: EntryAppender, part: OpenPart, number: number): CataloguePart {
  const content = Buffer.concat(part.texts);
  const { frame, sha256 } = entries({ kind: 'catalogue', part: number }, content);
  const lines = part.texts.length;
  return { frame, size: content.length, lines, sha256, idFilter: createIdFilter(part.queueIds) };
}

/** The writer's own entry, and what stands behind it in its last frame. */
interface OwnEntry {
  readonly name: EntryName;
  readonly content: Uint8Array;
  readonly tail?: Uint8Array | undefined;
}

interface AppendContext {
  readonly options: ArchiveWriterOptions;
  readonly frames: FrameAppender;
}

/**
 * zstd's level for header, catalogue and seal. A catalogue is mostly digests, which no level makes smaller: at level 1
 * zstd loses no time on trying, and the result is 10 % smaller than at level 3, and at 15.
 */
const OWN_LEVEL = 1;

const NANOSECONDS_PER_MILLISECOND = 1_000_000n;

function appendEntry({ options, frames }: AppendContext, { name, content, tail }: OwnEntry): WrittenEntry {
  const sha256 = hash('sha256', content);
  const startedNs = BigInt(Date.parse(options.header.started)) * NANOSECONDS_PER_MILLISECOND;
  const description = {
    name: formatEntryName(name),
    snapshotId: options.header.snapshot_id,
    metadata: {
      mode: 0o600,
      uid: 0,
      gid: 0,
      mtimeNs: startedNs,
      atimeNs: startedNs,
      inode: 0n,
      sha256,
      size: content.length,
    },
  };
  const padding = new Uint8Array(tarPadding(content.length));
  const bytes = Buffer.concat([encodeEntryHeader(description), content, padding, tail ?? new Uint8Array(0)]);
  const frame = frames.count;
  for (let at = 0; at < bytes.length; at += FRAME_MAXIMUM) {
    const piece = bytes.subarray(at, at + FRAME_MAXIMUM);
    frames.append(options.codec.compress(piece, OWN_LEVEL), piece.length);
  }
  return { frame, sha256 };
}

/** Writes frames and remembers their sizes: eight bytes for some megabytes of content. */
class FrameAppender {
  readonly #output: ArchiveOutput;
  readonly #compressedSizes: number[] = [];
  readonly #sizes: number[] = [];
  bytesWritten = 0;

  constructor(output: ArchiveOutput) {
    this.#output = output;
  }

  get count(): number {
    return this.#sizes.length;
  }

  append(bytes: Uint8Array, size: number): number {
    if (this.count === FRAME_COUNT_MAXIMUM) {
      throw new SystemError(
        'io',
        `the archive would have more than ${FRAME_COUNT_MAXIMUM} frames, and nobody could read it`,
        {
          errno: 'EFBIG',
          nextStep: 'Take the queues one by one, into an archive each.',
        },
      );
    }
    this.#output.write(bytes);
    this.bytesWritten += bytes.length;
    this.#compressedSizes.push(bytes.length);
    return this.#sizes.push(size) - 1;
  }

  *sizes(): Generator<FrameSizes> {
    for (const [frame, size] of this.#sizes.entries()) {
      yield { compressedSize: this.#compressedSizes[frame] ?? 0, size };
    }
  }
}
