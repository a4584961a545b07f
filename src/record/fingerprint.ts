/**
 * The fingerprint of a message: sha256 of its queue file, with the bytes that Postfix rewrites in place set to what they
 * were at first. So it stays the same while the message is delivered, and differs when any other byte does.
 */

import { createHash } from 'node:crypto';
import type { ByteSource } from '../byte-source.ts';

/** Bytes of a queue file that Postfix rewrites in place. */
export interface MutableBytes {
  readonly offset: number;
  readonly length: number;
  /**
   * What each of them counts as: `R` for the type of a recipient record (deliver_completed.c makes it `D`), `A` for the
   * type of the `trace_flags` attribute (qmgr_message.c makes it `K`), a space for the time of the delay warning.
   */
  readonly standIn: number;
}

export interface Fingerprint {
  /** Takes the next bytes of the file. They are not changed. */
  update(chunk: Uint8Array): void;
  /** The fingerprint in hexadecimal. Call once. */
  digest(): string;
}

const PIECE_SIZE = 1024 * 1024;

/** The fingerprint of a file that comes in pieces, in its order and without gaps. */
export function createFingerprint(mutableBytes: readonly MutableBytes[]): Fingerprint {
  const inOrder = isInOrder(mutableBytes) ? mutableBytes : mutableBytes.toSorted((a, b) => a.offset - b.offset);
  const hash = createHash('sha256');
  let offset = 0;
  let first = 0;
  return {
    update(chunk) {
      const end = offset + chunk.length;
      const masked = mask(chunk, offset, inOrder.slice(first, firstAt(inOrder, first, end)));
      hash.update(masked);
      first = firstUnfinished(inOrder, first, end);
      offset = end;
    },
    digest: () => hash.digest('hex'),
  };
}

/** The fingerprint of a file, in hexadecimal, with the mutable bytes that examineQueueFile() found in it. */
export function fingerprintOf(source: ByteSource, mutableBytes: readonly MutableBytes[]): string {
  const fingerprint = createFingerprint(mutableBytes);
  for (let offset = 0; offset < source.size; ) {
    const piece = source.read(offset, Math.min(PIECE_SIZE, source.size - offset));
    if (piece.length === 0) {
      break;
    }
    fingerprint.update(piece);
    offset += piece.length;
  }
  return fingerprint.digest();
}

/**
 * The fingerprint of a file whose sha256 is known already: the same, where the mutable bytes are what they count as. Most
 * messages that wait are so, since Postfix marks recipients only when they are done.
 */
export function fingerprintOfHashed(source: ByteSource, mutableBytes: readonly MutableBytes[], sha256: string): string {
  const isUnmarked = mutableBytes.every(({ offset, length, standIn }) =>
    source.read(offset, length).every((byte) => byte === standIn),
  );
  return isUnmarked ? sha256 : fingerprintOf(source, mutableBytes);
}

function mask(chunk: Uint8Array, chunkOffset: number, mutableBytes: readonly MutableBytes[]): Uint8Array {
  if (mutableBytes.length === 0) {
    return chunk;
  }
  // Not a Buffer: its fill() throws where the range goes beyond the chunk.
  const masked = new Uint8Array(chunk);
  for (const { offset, length, standIn } of mutableBytes) {
    masked.fill(standIn, Math.max(0, offset - chunkOffset), Math.max(0, offset - chunkOffset + length));
  }
  return masked;
}

/** The index of the first of the mutable bytes, from `from` on, that begins at or behind an offset. */
function firstAt(mutableBytes: readonly MutableBytes[], from: number, offset: number): number {
  let index = from;
  for (let bytes = mutableBytes[index]; bytes !== undefined && bytes.offset < offset; bytes = mutableBytes[index]) {
    index += 1;
  }
  return index;
}

/** The index of the first of the mutable bytes, from `from` on, that ends behind an offset. */
function firstUnfinished(mutableBytes: readonly MutableBytes[], from: number, offset: number): number {
  let index = from;
  for (
    let bytes = mutableBytes[index];
    bytes !== undefined && bytes.offset + bytes.length <= offset;
    bytes = mutableBytes[index]
  ) {
    index += 1;
  }
  return index;
}

function isInOrder(mutableBytes: readonly MutableBytes[]): boolean {
  return mutableBytes.every((bytes, index) => index === 0 || (mutableBytes[index - 1]?.offset ?? 0) <= bytes.offset);
}
