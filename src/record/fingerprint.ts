/**
 * The fingerprint of a message: sha256 of its queue file, with the bytes that Postfix rewrites in place set to what they
 * were at first. So it stays the same while the message is delivered, and differs when any other byte does.
 */

import { createHash } from 'node:crypto';
import type { ByteSource } from '../byte-source.ts';
import type { MutableRanges } from './mutable-bytes.ts';

const PIECE_SIZE = 1024 * 1024;

/** The fingerprint of a file that comes in pieces, in its order and without gaps. */
export class Fingerprint {
  readonly #ranges: MutableRanges;
  readonly #hash = createHash('sha256');
  #offset = 0;
  /** The first range that does not end before the offset. */
  #first = 0;

  constructor(mutableBytes: MutableRanges) {
    this.#ranges = mutableBytes.inFileOrder();
  }

  /** Takes the next bytes of the file. They are not changed. */
  update(chunk: Uint8Array): void {
    const ranges = this.#ranges;
    this.#hash.update(mask(chunk, this.#offset, { ranges, first: this.#first }));
    this.#offset += chunk.length;
    while (this.#first < ranges.count && ranges.offset(this.#first) + ranges.length(this.#first) <= this.#offset) {
      this.#first += 1;
    }
  }

  /** The fingerprint in hexadecimal. Call once. */
  digest(): string {
    return this.#hash.digest('hex');
  }
}

/** The fingerprint of a file, in hexadecimal, with the mutable bytes that examineQueueFile() found in it. */
export function fingerprintOf(source: ByteSource, mutableBytes: MutableRanges): string {
  const fingerprint = new Fingerprint(mutableBytes);
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
export function fingerprintOfHashed(source: ByteSource, mutableBytes: MutableRanges, sha256: string): string {
  return isUnmarked(source, mutableBytes) ? sha256 : fingerprintOf(source, mutableBytes);
}

function isUnmarked(source: ByteSource, ranges: MutableRanges): boolean {
  for (let number = 0; number < ranges.count; number += 1) {
    const bytes = source.read(ranges.offset(number), ranges.length(number));
    if (!bytes.every((byte) => byte === ranges.standIn(number))) {
      return false;
    }
  }
  return true;
}

/** Puts the stand-ins into a copy of a chunk. The ranges before `first` end before the chunk. */
function mask(
  chunk: Uint8Array,
  chunkOffset: number,
  { ranges, first }: { readonly ranges: MutableRanges; readonly first: number },
): Uint8Array {
  const end = chunkOffset + chunk.length;
  if (first >= ranges.count || ranges.offset(first) >= end) {
    return chunk;
  }
  // Not a Buffer: its fill() throws where the range goes beyond the chunk.
  const masked = new Uint8Array(chunk);
  for (let number = first; number < ranges.count && ranges.offset(number) < end; number += 1) {
    const from = ranges.offset(number) - chunkOffset;
    masked.fill(ranges.standIn(number), Math.max(0, from), Math.max(0, from + ranges.length(number)));
  }
  return masked;
}
