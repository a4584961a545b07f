/** The units that an archive's content is worked on in: consecutive frames that can only be decoded together. */

import { ArchiveError } from '../errors.ts';
import type { CatalogueLine } from '../format/catalogue-line.ts';
import { FRAME_MAXIMUM, FRAME_TEXT_MAXIMUM } from '../format/limits.ts';
import type { FrameLocation, FrameTable } from '../format/seek-table.ts';
import type { MeasuredLine } from './catalogue-reader.ts';

/** One frame, or those that one big entry spans. Plain data: may be sent to a worker. */
export interface FrameRun {
  readonly first: number;
  readonly frames: readonly FrameLocation[];
  /** The catalogue's lines of the entries in them, in their order. */
  readonly lines: readonly CatalogueLine[];
}

/** Three blocks of 512 bytes are the least that an entry takes. */
const LINES_MAXIMUM = Math.floor(FRAME_MAXIMUM / (3 * 512));

export interface MessageFrames {
  readonly frames: FrameTable;
  /** The first frame that holds no message any more. */
  readonly end: number;
}

/**
 * Groups the lines of a catalogue by frame. A frame that no line names continues the entry before it.
 *
 * @throws ArchiveError `damaged`: the lines are out of order, or frames belong to none.
 */
export function* frameRuns(
  lines: Iterable<MeasuredLine>,
  { frames, end }: MessageFrames,
): Generator<FrameRun, void, undefined> {
  let first = 1;
  let group: CatalogueLine[] = [];
  let text = 0;
  for (const { line, length } of lines) {
    if (line.frame !== first) {
      yield runOfGroup(frames, { first, end: line.frame, lines: group });
      first = line.frame;
      group = [];
      text = 0;
    }
    group.push(line);
    text += length;
    if (line.frame >= end || group.length > LINES_MAXIMUM || text > FRAME_TEXT_MAXIMUM) {
      throw new ArchiveError('damaged', 'the catalogue does not fit the parts of the archive');
    }
  }
  if (end > first || group.length > 0) {
    yield runOfGroup(frames, { first, end, lines: group });
  }
}

interface Group {
  readonly first: number;
  readonly end: number;
  readonly lines: readonly CatalogueLine[];
}

function runOfGroup(table: FrameTable, { first, end, lines }: Group): FrameRun {
  const count = end - first;
  // All frames of a spanning entry are full but the last: so a catalogue can't claim frames for an entry at will.
  const isSpanning = count > 1 && lines.length === 1;
  if (lines.length === 0 || count < 1 || (count > 1 && !isSpanning)) {
    throw new ArchiveError('damaged', 'the catalogue does not fit the parts of the archive');
  }
  const frames = Array.from({ length: count }, (_, index) => table.at(first + index));
  if (frames.slice(0, -1).some((frame) => frame.size !== FRAME_MAXIMUM)) {
    throw new ArchiveError('damaged', 'the catalogue does not fit the parts of the archive');
  }
  return { first, frames, lines };
}
