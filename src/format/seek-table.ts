/**
 * The seek table: a skippable frame at the archive's end with the sizes of all frames. Authority: facebook/zstd,
 * contrib/seekable_format/zstd_seekable_compression_format.md. Written without the optional checksums (XXH64): every
 * entry carries SHA-256 digests. All numbers are little-endian.
 */

import { ArchiveError } from '../errors.ts';
import { FRAME_COMPRESSED_MAXIMUM, FRAME_COUNT_MAXIMUM, FRAME_MAXIMUM } from './limits.ts';

/** Where a frame stands in the archive, in bytes, and how much it holds. */
export interface FrameLocation {
  readonly offset: number;
  readonly compressedSize: number;
  /** Bytes once decompressed. */
  readonly size: number;
}

export type FrameSizes = Pick<FrameLocation, 'compressedSize' | 'size'>;

/** The frames of an archive, in order. Built for hundreds of thousands of them. */
export interface FrameTable {
  readonly count: number;
  /** The bytes of all frames, which is where the seek table begins. */
  readonly compressedTotal: number;
  /** @throws ArchiveError `damaged`: there is no such frame. */
  at(frame: number): FrameLocation;
}

const SEEK_TABLE_MAGIC = 0x184d2a5e;
/** The number of frames, a descriptor byte and a magic number end the table, and so the archive. */
export const SEEK_TABLE_FOOTER_SIZE = 9;

const SEEKABLE_MAGIC = 0x8f92eab1;
const SKIPPABLE_HEADER_SIZE = 8;
const ENTRY_SIZE = 8;
/** A zstd frame has a header of 5 bytes and a block header of 3 at least (RFC 8878). */
const FRAME_MINIMUM = 8;

/** How many bytes the seek table of so many frames takes. */
export function seekTableSize(frames: number): number {
  return SKIPPABLE_HEADER_SIZE + frames * ENTRY_SIZE + SEEK_TABLE_FOOTER_SIZE;
}

export function encodeSeekTable(frames: Iterable<FrameSizes>, count: number): Uint8Array {
  const bytes = Buffer.alloc(seekTableSize(count));
  bytes.writeUInt32LE(SEEK_TABLE_MAGIC, 0);
  bytes.writeUInt32LE(bytes.length - SKIPPABLE_HEADER_SIZE, 4);
  let at = SKIPPABLE_HEADER_SIZE;
  for (const { compressedSize, size } of frames) {
    bytes.writeUInt32LE(compressedSize, at);
    bytes.writeUInt32LE(size, at + 4);
    at += ENTRY_SIZE;
  }
  bytes.writeUInt32LE(count, at);
  bytes.writeUInt8(0, at + 4);
  bytes.writeUInt32LE(SEEKABLE_MAGIC, at + 5);
  return bytes;
}

/**
 * Reads the number of frames from an archive's last nine bytes.
 *
 * @throws ArchiveError `incomplete`: no seek table ends here; `damaged`: one does, but not of our form.
 */
export function decodeSeekTableFooter(footer: Uint8Array): number {
  const bytes = Buffer.from(footer.buffer, footer.byteOffset, footer.length);
  if (bytes.length !== SEEK_TABLE_FOOTER_SIZE || bytes.readUInt32LE(5) !== SEEKABLE_MAGIC) {
    throw new ArchiveError('incomplete', 'the archive does not end with a seek table');
  }
  const count = bytes.readUInt32LE(0);
  if (bytes.readUInt8(4) !== 0 || count === 0 || count > FRAME_COUNT_MAXIMUM) {
    throw new ArchiveError('damaged', 'the seek table is not of the form that postsnap writes');
  }
  return count;
}

/**
 * Reads a whole seek table.
 *
 * @param archiveSize the table must account for every byte of the archive.
 * @throws ArchiveError `damaged`
 */
export function decodeSeekTable(table: Uint8Array, archiveSize: number): FrameTable {
  const bytes = Buffer.from(table.buffer, table.byteOffset, table.length);
  const count = decodeSeekTableFooter(bytes.subarray(-SEEK_TABLE_FOOTER_SIZE));
  if (
    bytes.length !== seekTableSize(count) ||
    bytes.readUInt32LE(0) !== SEEK_TABLE_MAGIC ||
    bytes.readUInt32LE(4) !== bytes.length - SKIPPABLE_HEADER_SIZE
  ) {
    throw new ArchiveError('damaged', 'the seek table is not of the form that postsnap writes');
  }
  const frames = collectFrames(count, function* () {
    for (let at = SKIPPABLE_HEADER_SIZE; at < bytes.length - SEEK_TABLE_FOOTER_SIZE; at += ENTRY_SIZE) {
      yield { compressedSize: bytes.readUInt32LE(at), size: bytes.readUInt32LE(at + 4) };
    }
  });
  if (frames.compressedTotal + bytes.length !== archiveSize) {
    throw new ArchiveError('damaged', 'the seek table does not account for the bytes of the archive');
  }
  return frames;
}

function collectFrames(count: number, sizes: () => Iterable<FrameSizes>): FrameTable {
  const offsets = new Float64Array(count + 1);
  const contents = new Uint32Array(count);
  let frame = 0;
  for (const { compressedSize, size } of sizes()) {
    if (compressedSize < FRAME_MINIMUM || compressedSize > FRAME_COMPRESSED_MAXIMUM || size > FRAME_MAXIMUM) {
      throw new ArchiveError('damaged', `the seek table gives part ${frame} an impossible size`);
    }
    contents[frame] = size;
    offsets[frame + 1] = (offsets[frame] ?? 0) + compressedSize;
    frame += 1;
  }
  return { count, compressedTotal: offsets[count] ?? 0, at: (number) => locationAt(offsets, contents, number) };
}

function locationAt(offsets: Float64Array, contents: Uint32Array, frame: number): FrameLocation {
  const offset = offsets[frame];
  const end = offsets[frame + 1];
  const size = contents[frame];
  if (offset === undefined || end === undefined || size === undefined) {
    throw new ArchiveError('damaged', `the archive has no part ${frame}`);
  }
  return { offset, compressedSize: end - offset, size };
}
