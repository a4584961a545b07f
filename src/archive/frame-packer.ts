/**
 * Packs files into frames, inside a worker: a frame is complete, compressed and ready to be appended to any archive
 * of the snapshot, whatever stands before it.
 */

import { createHash } from 'node:crypto';
import { type CatalogueDraft, encodeCatalogueDraft } from '../format/catalogue-line.ts';
import { type FileEntryName, formatEntryName } from '../format/entry-name.ts';
import type { FileMetadata } from '../format/file-metadata.ts';
import { FRAME_FULL, FRAME_MAXIMUM, FRAME_TEXT_FULL } from '../format/limits.ts';
import { type DraftLine, encodeDraftLine } from './draft-line.ts';
import { type FrameHold, HeldInMemory } from './frame-hold.ts';
import { OpenFrame, SpareFrame } from './open-frame.ts';
import type { PackedFrame } from './packed-frame.ts';
import { type PreparedHeader, prepareEntryHeader, tarPadding } from './tar-entry.ts';
import { TAR_BLOCK } from './ustar-header.ts';
import type { Codec } from './zstd/codec.ts';

/** A file to pack, with its line of the catalogue. */
export interface FileWithContent {
  readonly name: FileEntryName;
  /** `sha256` and `size` are of exactly the content that is packed: they are written before it. */
  readonly metadata: FileMetadata;
  readonly draft: CatalogueDraft;
  /** In pieces, so that nothing is held but a frame. */
  readonly content: Uint8Array | Iterable<Uint8Array>;
}

export interface FramePackerOptions {
  readonly codec: Codec;
  /** zstd's, 1 to 19. */
  readonly level: number;
  readonly snapshotId: string;
  /** Takes each frame once it is finished. The frames of one packer must be appended in this order, with none between. */
  readonly emit: (frame: PackedFrame) => void;
  /** Where frames wait whose content is read while they are made; in memory without one. */
  readonly hold?: FrameHold;
  /** What packers that follow one another share. */
  readonly spare?: SpareFrame;
}

/** The second reading of a file that comes in pieces failed, or gave something else than the first. */
export class UnreadableContent extends Error {
  /** The number of the file among those that were added. */
  readonly file: number;

  constructor(file: number, cause: unknown) {
    super(`the content of a file could not be read twice: ${String(cause)}`, { cause });
    this.name = 'UnreadableContent';
    this.file = file;
  }
}

/** What was read the second time is not what was read first. */
export class ChangedContent extends Error {
  constructor() {
    super('it changed while it was read: it does not fit its digest');
    this.name = 'ChangedContent';
  }
}

interface PreparedFile {
  readonly file: FileWithContent;
  /** Its number among those that were added with it. */
  readonly number: number;
  /** What encodeDraftLine() made of its line. */
  readonly line: string;
  readonly header: PreparedHeader;
  /** Bytes in the tar: headers, content, padding. */
  readonly total: number;
}

/** The frames of one worker, filled one after the other. */
export class FramePacker {
  readonly #options: FramePackerOptions;
  readonly #hold: FrameHold;
  readonly #frame: OpenFrame;
  #emit: (frame: PackedFrame) => void;

  constructor(options: FramePackerOptions) {
    this.#options = options;
    this.#hold = options.hold ?? new HeldInMemory();
    this.#frame = new OpenFrame(options.spare ?? new SpareFrame(), () => this.flush());
    this.#emit = options.emit;
  }

  /**
   * Adds a message and the logs that stand behind it: in one frame where they fit. All of it is added, or nothing.
   *
   * @throws UnreadableContent: nothing was added
   * @throws Error: the content is not what the metadata says: a bug of the caller.
   */
  add(files: readonly FileWithContent[]): void {
    const prepared = files.map((file, number) => prepare(file, number, this.#options.snapshotId));
    if (files.some(({ content }) => !(content instanceof Uint8Array))) {
      this.#addHeld(prepared);
    } else {
      addGroups(this.#frame, prepared);
    }
  }

  /** Ends the frame that was begun. */
  flush(): void {
    const frame = this.#frame;
    const content = frame.content();
    if (content !== undefined) {
      const bytes = ownBuffer(this.#options.codec.compress(content, this.#options.level));
      this.#emit({ bytes, size: content.length, lines: ownBuffer(Buffer.from(frame.lines())) });
      frame.clear();
    }
  }

  /** Whole frames, so that they can be forgotten. */
  #addHeld(prepared: readonly PreparedFile[]): void {
    this.flush();
    this.#emit = (held) => this.#hold.add(held);
    try {
      addGroups(this.#frame, prepared);
      this.flush();
    } catch (error) {
      this.#frame.clear();
      this.#hold.discard();
      throw error;
    } finally {
      this.#emit = this.#options.emit;
    }
    this.#hold.release(this.#emit);
  }
}

function addGroups(frame: OpenFrame, prepared: readonly PreparedFile[]): void {
  const total = prepared.reduce((sum, file) => sum + file.total, 0);
  for (const group of total <= FRAME_MAXIMUM ? [prepared] : prepared.map((file) => [file])) {
    addGroup(frame, group);
  }
}

/** Small buffers, and small output of zlib, may lie in memory that others share. */
function ownBuffer(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : Uint8Array.from(bytes);
}

/** All that can fail for what a file says is done here, before anything of it is in a frame. */
function prepare(file: FileWithContent, number: number, snapshotId: string): PreparedFile {
  const header = prepareEntryHeader({ name: formatEntryName(file.name), snapshotId, metadata: file.metadata });
  const { size } = file.metadata;
  const line = encodeDraftLine(draftLine(file.draft));
  return { file, number, line, header, total: header.length + size + tarPadding(size) };
}

const ZEROS = new Uint8Array(TAR_BLOCK);

function addGroup(frame: OpenFrame, group: readonly PreparedFile[]): void {
  const total = group.reduce((sum, file) => sum + file.total, 0);
  if (frame.used + total > FRAME_MAXIMUM) {
    frame.flush();
  }
  for (const file of group) {
    addFile(frame, file);
  }
  // Nothing else stands in the frames of an entry that goes on: so each of them is a whole, or none.
  if (frame.used >= FRAME_FULL || total > FRAME_MAXIMUM || frame.textLength >= FRAME_TEXT_FULL) {
    frame.flush();
  }
}

function addFile(frame: OpenFrame, { header, file, number, line }: PreparedFile): void {
  const { content, metadata, draft } = file;
  frame.begin(header, line);
  const size =
    content instanceof Uint8Array ? frame.fill(content) : fillProven(frame, { content, number }, metadata.sha256);
  if (size !== metadata.size) {
    throw new Error(`${draft.queue_name}/${draft.queue_id}: ${size} bytes of content, not ${metadata.size}`);
  }
  frame.fill(ZEROS.subarray(0, tarPadding(size)));
}

interface PiecedContent {
  readonly content: Iterable<Uint8Array>;
  readonly number: number;
}

/** Content in pieces was read twice, once for its digest: what changed in between must not get into an archive. */
function fillProven(frame: OpenFrame, { content, number }: PiecedContent, sha256: string): number {
  const hash = createHash('sha256');
  let size = 0;
  for (const piece of readable(content, number)) {
    hash.update(piece);
    size += frame.fill(piece);
  }
  if (hash.digest('hex') !== sha256) {
    throw new UnreadableContent(number, new ChangedContent());
  }
  return size;
}

function* readable(content: Iterable<Uint8Array>, number: number): Generator<Uint8Array> {
  const pieces = content[Symbol.iterator]();
  for (;;) {
    let next: IteratorResult<Uint8Array>;
    try {
      next = pieces.next();
    } catch (cause) {
      throw new UnreadableContent(number, cause);
    }
    if (next.done === true) {
      return;
    }
    yield next.value;
  }
}

function draftLine(draft: CatalogueDraft): DraftLine {
  return {
    kind: draft.kind,
    queueName: draft.queue_name,
    queueId: draft.queue_id,
    fileSize: draft.file_size,
    malformed: draft.kind === 'message' && draft.malformed !== undefined && draft.malformed.length > 0,
    text: encodeCatalogueDraft(draft),
  };
}
