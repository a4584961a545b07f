/** Writes an archive, front to back, to anything that takes bytes. Memory does not grow with the queue. */

import type { MessageState } from '../format/catalogue-line.ts';
import type { Seal, SnapshotOutcome } from '../format/seal.ts';
import type { PackedFrame, PendingLine } from './frame-packer.ts';

/** Where the bytes of an archive go: a new file, or a descriptor. */
export interface ArchiveOutput {
  write(bytes: Uint8Array): void;
}

export interface ArchiveEnd {
  readonly outcome: SnapshotOutcome;
  /** Says of each message, in the order of the archive, whether it was still there at the end. */
  readonly stateOf: (message: PendingLine) => MessageState;
}

export interface ArchiveWriter {
  /** Appends a frame and spools its lines of the catalogue. @returns the frame's number. */
  append(frame: PackedFrame): number;
  /** Bytes written so far. */
  readonly bytesWritten: number;
  /** Writes catalogue, seal and seek table. The output is complete then, but neither synced nor closed. */
  finish(end: ArchiveEnd): Seal;
  /** Lets go of the spooled catalogue. Also after {@link finish}; any number of times. */
  close(): void;
}
