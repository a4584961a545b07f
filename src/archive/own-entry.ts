/** The entries that are the archive's own (header, catalogue, seal): each begins a frame and has its frames to itself. */

import { hash } from 'node:crypto';
import { ArchiveError } from '../errors.ts';
import { type EntryName, formatEntryName } from '../format/entry-name.ts';
import { CATALOGUE_PART_MAXIMUM, FRAME_MAXIMUM, HEADER_MAXIMUM, SEAL_MAXIMUM } from '../format/limits.ts';
import { type DecodedHeader, decodeEntryHeader, isZeros, TAR_END, tarPadding } from './tar-entry.ts';

export interface OwnFrames {
  readonly first: number;
  /** The frame behind the last. */
  readonly end: number;
  readonly readFrame: (frame: number) => Uint8Array;
}

interface ExpectedEntry {
  readonly name: Exclude<EntryName, { kind: 'file' }>;
  /** Undefined for the header, which is where it is known from. */
  readonly snapshotId: string | undefined;
}

const SIZE_MAXIMA = { header: HEADER_MAXIMUM, catalogue: CATALOGUE_PART_MAXIMUM, seal: SEAL_MAXIMUM } as const;

/**
 * Reads the content of the entry that fills these frames. The seal alone has the tar's end behind it.
 *
 * @throws ArchiveError `damaged`: they hold anything else.
 */
export function readOwnEntry(frames: OwnFrames, expected: ExpectedEntry): Uint8Array {
  const { header, firstFrame } = readFirst(frames, expected);
  const { entry, length } = header;
  const { size, sha256 } = entry.metadata;
  const tail = expected.name.kind === 'seal' ? TAR_END.length : 0;
  const total = length + size + tarPadding(size) + tail;
  if (size > SIZE_MAXIMA[expected.name.kind] || frames.end - frames.first !== Math.ceil(total / FRAME_MAXIMUM)) {
    throw damaged(expected);
  }
  const bytes = join(frames, firstFrame);
  const content = bytes.subarray(length, length + size);
  const isProven = hash('sha256', content) === sha256;
  if (bytes.length !== total || !isProven || !endsInZeros(bytes, length + size)) {
    throw damaged(expected);
  }
  return content;
}

interface FirstFrame {
  readonly header: DecodedHeader;
  readonly firstFrame: Uint8Array;
}

function readFirst(frames: OwnFrames, { name, snapshotId }: ExpectedEntry): FirstFrame {
  const firstFrame = frames.readFrame(frames.first);
  const header = decodeEntryHeader(firstFrame, 0);
  if (header.entry.name !== formatEntryName(name)) {
    throw damaged({ name, snapshotId });
  }
  if (snapshotId !== undefined && header.entry.snapshotId !== snapshotId) {
    throw new ArchiveError('hostile', 'the archive holds an entry of another snapshot');
  }
  return { header, firstFrame };
}

function join(frames: OwnFrames, firstFrame: Uint8Array): Uint8Array {
  const pieces = [firstFrame];
  for (let frame = frames.first + 1; frame < frames.end; frame += 1) {
    pieces.push(frames.readFrame(frame));
  }
  return pieces.length === 1 ? firstFrame : Buffer.concat(pieces);
}

/** Padding is shorter than a block, and the tar's end two. */
function endsInZeros(bytes: Uint8Array, at: number): boolean {
  const middle = Math.min(bytes.length, at + TAR_END.length);
  return isZeros(bytes.subarray(at, middle)) && isZeros(bytes.subarray(middle));
}

function damaged({ name }: ExpectedEntry): ArchiveError {
  return new ArchiveError('damaged', `${formatEntryName(name)} is missing or not of its form`);
}
