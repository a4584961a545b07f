/** Reads an archive that has all its parts. Damage is an ArchiveError, never wrong content. */

import type { CatalogueLine } from '../format/catalogue-line.ts';
import type { EntryName } from '../format/entry-name.ts';
import type { FileMetadata } from '../format/file-metadata.ts';
import type { Header } from '../format/header.ts';
import type { Seal } from '../format/seal.ts';
import type { FrameLocation, FrameTable } from '../format/seek-table.ts';

/** Consecutive frames that are decoded together: one frame, or those that one big entry spans. */
export interface FrameRun {
  readonly first: number;
  readonly frames: readonly FrameLocation[];
  /** The catalogue's lines of the entries in them, in their order. Plain data: may be sent to a worker. */
  readonly lines: readonly CatalogueLine[];
}

/** An entry that was read back. */
export interface ArchivedFile {
  readonly name: EntryName;
  readonly metadata: FileMetadata;
  /**
   * The content, a frame's worth a piece. It is proven once the generator has ended without an error, and must not be
   * used for good before. Of an entry in one frame it is proven before the first piece.
   */
  pieces(): Generator<Uint8Array, void, undefined>;
}

export interface ArchiveReader {
  readonly header: Header;
  readonly seal: Seal;
  readonly frames: FrameTable;
  /** All lines, one part of the catalogue in memory at a time. Refuses a file that is in it twice. */
  catalogue(): Generator<CatalogueLine, void, undefined>;
  /** The lines of one queue ID, message first, reading few parts. */
  find(queueId: string): CatalogueLine[];
  /** All entries under `queue/` as units of work, read from the catalogue. */
  runs(): Generator<FrameRun, void, undefined>;
  /** The run in which a line's entry is. */
  runOf(line: CatalogueLine): FrameRun;
  /** Decompresses a frame. @throws ArchiveError `damaged` */
  readFrame(frame: number): Uint8Array;
  close(): void;
}
