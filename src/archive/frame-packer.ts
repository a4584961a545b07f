/**
 * Packs files into frames, inside a worker: a frame is complete, compressed and ready to be appended to any archive
 * of the snapshot, whatever stands before it.
 */

import type { CatalogueDraft } from '../format/catalogue-line.ts';
import type { FileEntryName } from '../format/entry-name.ts';
import type { FileMetadata } from '../format/file-metadata.ts';

/** A file to pack: its name, what is known of it, and its line of the catalogue. */
export interface PackedFile {
  readonly name: FileEntryName;
  /** `sha256` and `size` are of the whole content: both are written before it. */
  readonly metadata: FileMetadata;
  readonly draft: CatalogueDraft;
}

/** A file with its content, which may come in pieces: nothing is held but a frame. */
export interface FileWithContent extends PackedFile {
  readonly content: Uint8Array | Iterable<Uint8Array>;
}

/** A line of the catalogue that waits for its frame's number. */
export interface PendingLine {
  readonly kind: CatalogueDraft['kind'];
  readonly queueName: string;
  readonly queueId: string;
  /** What encodeCatalogueDraft() made. */
  readonly text: string;
}

/** A finished frame. `bytes` has an ArrayBuffer of its own, which may be transferred between threads. */
export interface PackedFrame {
  readonly bytes: Uint8Array;
  /** Bytes once decompressed. */
  readonly size: number;
  /** The lines of the entries that begin in this frame, in their order. */
  readonly lines: readonly PendingLine[];
}

export interface FramePacker {
  /**
   * Adds a message and the logs that stand behind it: in one frame where they fit.
   *
   * @throws Error the content is not of the size that the metadata says: a bug of the caller.
   */
  add(files: readonly FileWithContent[]): void;
  /** The frames that are finished. They must be appended in this order. */
  take(): PackedFrame[];
  /** Ends the frame that was begun; {@link take} has it then. */
  flush(): void;
}
