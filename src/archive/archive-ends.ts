/** The two ends of an archive: its header in front; its seek table and seal behind, which alone make it complete. */

import { createHash } from 'node:crypto';
import { type ByteSource, beginningOf } from '../byte-source.ts';
import { ArchiveError } from '../errors.ts';
import { decodeHeader, type Header } from '../format/header.ts';
import { FRAME_COMPRESSED_MAXIMUM, FRAME_MAXIMUM, SEAL_MAXIMUM } from '../format/limits.ts';
import { decodeSeal, type Seal } from '../format/seal.ts';
import {
  decodeSeekTable,
  decodeSeekTableFooter,
  type FrameTable,
  SEEK_TABLE_FOOTER_SIZE,
  seekTableSize,
} from '../format/seek-table.ts';
import { asDamageOf, cutOff, followedBy, readPart } from './damaged-part.ts';
import { createFrameReader, type FrameReader, readBytes } from './frame-reader.ts';
import { readOwnEntry } from './own-entry.ts';
import { decodeEntryHeader } from './tar-entry.ts';
import { unlessDamaged } from './unless-damaged.ts';
import { endsInIndex, sizesByIndex } from './whole-part.ts';
import type { Codec } from './zstd/codec.ts';
import { FRAME_MAGIC, type FrameOutline, outlineFrame } from './zstd/zstd-frame.ts';

export interface ArchiveEnds {
  readonly header: Header;
  readonly seal: Seal;
  readonly frames: FrameTable;
  /** The frame that the seal begins. */
  readonly sealFrame: number;
}

interface ArchiveFile {
  readonly source: ByteSource;
  readonly codec: Codec;
}

const SEAL_NAME = 'seal.json';
/** How many frames a seal may fill. */
const SEAL_FRAMES_MAXIMUM = Math.ceil(SEAL_MAXIMUM / FRAME_MAXIMUM) + 1;

/**
 * Reads both ends. The header comes first: a version that is not known may have another end.
 *
 * @throws ArchiveError
 */
export function readArchiveEnds(file: ArchiveFile, reader: FrameReader): ArchiveEnds {
  const { header, content } = readHeader(file);
  const frames = readIndex(file);
  const readFrame = (frame: number): Uint8Array => reader.read(frames.at(frame));
  return readPart('seal', () => {
    const sealFrame = findSeal(frames, readFrame);
    const own = { first: sealFrame, end: frames.count, readFrame };
    const sealContent = readOwnEntry(own, { name: { kind: 'seal' }, snapshotId: header.snapshot_id });
    const seal = decodeSeal(sealContent);
    checkSeal(seal, { header, headerSha256: sha256(content), sealFrame });
    return { header, seal, frames, sealFrame };
  });
}

interface ReadHeader {
  readonly header: Header;
  readonly content: Uint8Array;
}

/**
 * Reads the header without a seek table: its frame begins the file.
 *
 * @throws ArchiveError `incomplete`: the file ends in it; `unknown-version`; `damaged`.
 */
export function readHeader(file: ArchiveFile): ReadHeader {
  return readPart('header', () => readFirstFrame(file));
}

function readFirstFrame({ source, codec }: ArchiveFile): ReadHeader {
  const bytes = readBytes(source, { offset: 0, length: Math.min(source.size, FRAME_COMPRESSED_MAXIMUM) });
  if (bytes.length === 0) {
    throw new ArchiveError('incomplete', 'the archive is empty');
  }
  if (!FRAME_MAGIC.every((byte, index) => bytes[index] === byte)) {
    throw new ArchiveError('damaged', 'its beginning is damaged');
  }
  const { compressedSize } = firstFrameOf(source, bytes);
  const firstFrame = codec.decompress(bytes.subarray(0, compressedSize), FRAME_MAXIMUM);
  const frames = { first: 0, end: 1, readFrame: () => firstFrame };
  const content = readOwnEntry(frames, { name: { kind: 'header' }, snapshotId: undefined });
  const header = decodeHeader(content);
  if (decodeEntryHeader(firstFrame, 0).entry.snapshotId !== header.snapshot_id) {
    throw new ArchiveError('damaged', 'postsnap.json is of another snapshot than it says');
  }
  return { header, content };
}

/** A frame that ends behind the file was cut off; where the end is there, it is damage that says so. */
function firstFrameOf(source: ByteSource, bytes: Uint8Array): FrameOutline {
  try {
    return outlineFrame(bytes);
  } catch (error) {
    const isShort = error instanceof ArchiveError && error.code === 'incomplete';
    throw isShort && !endsInIndex(source) ? cutOff() : asDamageOf('header', error);
  }
}

/** Where the last bytes are damaged, that a seek table fills the end of the file tells it from a file that was cut off. */
function readIndex(file: ArchiveFile): FrameTable {
  const { source } = file;
  try {
    return readSeekTable(source);
  } catch (error) {
    const whole = wholePartOf(file);
    if (whole !== undefined) {
      throw followedBy(source.size - whole, whole);
    }
    if (error instanceof ArchiveError && error.code === 'incomplete' && !endsInIndex(source)) {
      throw cutOff();
    }
    throw asDamageOf('index', error);
  }
}

/** The size of the archive that a file begins with, where more than that is in the file; undefined: there is none. */
export function wholePartOf({ source, codec }: ArchiveFile): number | undefined {
  for (const size of sizesByIndex(source)) {
    const file = { source: beginningOf(source, size), codec };
    if (unlessDamaged(() => readArchiveEnds(file, createFrameReader(file))) !== undefined) {
      return size;
    }
  }
  return undefined;
}

/** @throws ArchiveError `incomplete`: the file does not end with one; `damaged`. */
export function readSeekTable(source: ByteSource): FrameTable {
  const { size: archiveSize } = source;
  if (archiveSize < seekTableSize(1)) {
    throw cutOff();
  }
  const footerAt = archiveSize - SEEK_TABLE_FOOTER_SIZE;
  const count = decodeSeekTableFooter(readBytes(source, { offset: footerAt, length: SEEK_TABLE_FOOTER_SIZE }));
  const length = seekTableSize(count);
  if (length > archiveSize) {
    throw new ArchiveError('damaged', 'the seek table is bigger than the archive');
  }
  return decodeSeekTable(readBytes(source, { offset: archiveSize - length, length }), archiveSize);
}

/** The seal fills the last frames, mostly one. Its content is JSON, so no frame but its first looks like a header. */
function findSeal(frames: FrameTable, readFrame: (frame: number) => Uint8Array): number {
  const lowest = Math.max(1, frames.count - SEAL_FRAMES_MAXIMUM);
  for (let frame = frames.count - 1; frame >= lowest; frame -= 1) {
    if (beginsSeal(readFrame(frame))) {
      return frame;
    }
  }
  throw new ArchiveError('incomplete', 'its end is missing: it was not finished', { remedy: 'salvage' });
}

function beginsSeal(content: Uint8Array): boolean {
  try {
    return decodeEntryHeader(content, 0).entry.name === SEAL_NAME;
  } catch (error) {
    if (error instanceof ArchiveError) {
      return false;
    }
    throw error;
  }
}

interface SealContext {
  readonly header: Header;
  readonly headerSha256: string;
  readonly sealFrame: number;
}

function checkSeal(seal: Seal, { header, headerSha256, sealFrame }: SealContext): void {
  const lastCatalogueFrame = seal.catalogue.at(-1)?.frame ?? seal.frames - 1;
  const firstCatalogueFrame = seal.catalogue[0]?.frame ?? sealFrame;
  const isRightHeader = seal.header_sha256 === headerSha256 && seal.snapshot_id === header.snapshot_id;
  if (!isRightHeader || lastCatalogueFrame >= sealFrame || firstCatalogueFrame !== seal.frames) {
    throw new ArchiveError('damaged', 'the seal is not that of this archive');
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
