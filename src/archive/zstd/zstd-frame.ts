/**
 * The outside of a zstd frame: header and block headers (RFC 8878, section 3.1.1), read without decompressing. Tells
 * where a frame ends, and what it asks of its reader, before any memory is taken for it.
 */

import { ArchiveError } from '../../errors.ts';
import { WINDOW_MAXIMUM } from '../../format/limits.ts';

/** 0xFD2FB528, little-endian, begins each frame. */
export const FRAME_MAGIC: Uint8Array = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd);

export interface FrameOutline {
  /** From the magic number to the end of the last block or the checksum, in bytes. */
  readonly compressedSize: number;
  /** What the frame says that it holds, where it says so. */
  readonly contentSize: number | undefined;
}

interface FrameHeader {
  readonly length: number;
  readonly windowSize: number;
  readonly contentSize: number | undefined;
  readonly hasChecksum: boolean;
}

const BLOCK_HEADER_SIZE = 3;
const CHECKSUM_SIZE = 4;
const BLOCK_MAXIMUM = 128 * 1024;
const RLE_BLOCK = 1;
const RESERVED_BLOCK = 3;
const CONTENT_SIZE_LENGTHS = [0, 2, 4, 8] as const;
const DICTIONARY_ID_MASK = 0b11;
const RESERVED_BIT = 0b1000;

/**
 * Reads the outline of the frame that begins at the first byte; more may follow it.
 *
 * @throws ArchiveError `damaged`: there is no frame, it is cut off, or it asks for a dictionary or for more memory
 *   than any frame of ours.
 */
export function outlineFrame(bytes: Uint8Array): FrameOutline {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const header = readHeader(view);
    if (header.windowSize > WINDOW_MAXIMUM) {
      throw damaged('asks for more memory than any that postsnap writes');
    }
    return { compressedSize: walkBlocks(view, header), contentSize: header.contentSize };
  } catch (error) {
    // DataView throws a RangeError where the bytes end.
    throw error instanceof RangeError ? cutOff() : error;
  }
}

/**
 * How much of its content a decompressor must hold for the frame that begins here, in bytes.
 *
 * @returns undefined: there is no frame, or its header is cut off or of no form that is known.
 */
export function frameWindow(bytes: Uint8Array): number | undefined {
  try {
    return readHeader(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)).windowSize;
  } catch (error) {
    if (error instanceof RangeError || error instanceof ArchiveError) {
      return undefined;
    }
    throw error;
  }
}

function readHeader(view: DataView): FrameHeader {
  if (FRAME_MAGIC.some((byte, index) => view.getUint8(index) !== byte)) {
    throw damaged('does not begin as it should');
  }
  const descriptor = view.getUint8(4);
  if ((descriptor & (DICTIONARY_ID_MASK | RESERVED_BIT)) !== 0) {
    throw damaged('asks for a dictionary or has unknown features');
  }
  const singleSegment = (descriptor & 0b10_0000) !== 0;
  const windowLength = singleSegment ? 0 : 1;
  const sizeFlag = descriptor >>> 6;
  const sizeLength = sizeFlag === 0 && singleSegment ? 1 : (CONTENT_SIZE_LENGTHS[sizeFlag] ?? 0);
  const contentSize = readContentSize(view, 5 + windowLength, sizeLength);
  const windowSize = singleSegment ? (contentSize ?? 0) : readWindowSize(view.getUint8(5));
  return { length: 5 + windowLength + sizeLength, windowSize, contentSize, hasChecksum: (descriptor & 0b100) !== 0 };
}

function readContentSize(view: DataView, at: number, length: number): number | undefined {
  switch (length) {
    case 0:
      return undefined;
    case 1:
      return view.getUint8(at);
    case 2:
      return view.getUint16(at, true) + 256;
    case 4:
      return view.getUint32(at, true);
    default:
      return Number(view.getBigUint64(at, true));
  }
}

function readWindowSize(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >>> 3));
  return base + (base / 8) * (descriptor & 0b111);
}

function walkBlocks(view: DataView, header: FrameHeader): number {
  let at = header.length;
  for (let last = false; !last; ) {
    const word = view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
    last = (word & 1) !== 0;
    const type = (word >>> 1) & 0b11;
    const size = word >>> 3;
    if (type === RESERVED_BLOCK || size > BLOCK_MAXIMUM) {
      throw damaged('has an impossible block');
    }
    at += BLOCK_HEADER_SIZE + (type === RLE_BLOCK ? 1 : size);
  }
  const end = at + (header.hasChecksum ? CHECKSUM_SIZE : 0);
  if (end > view.byteLength) {
    throw cutOff();
  }
  return end;
}

function cutOff(): ArchiveError {
  return new ArchiveError('incomplete', 'the packing is cut off');
}

function damaged(what: string): ArchiveError {
  return new ArchiveError('damaged', `the packing ${what}`);
}
