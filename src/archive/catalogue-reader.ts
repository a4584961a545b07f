/** Reads the catalogue, a part at a time, each proven by its digest in the seal. */

import { hash } from 'node:crypto';
import { ArchiveError } from '../errors.ts';
import { type CatalogueLine, decodeCatalogueLine } from '../format/catalogue-line.ts';
import { mayHoldId } from '../format/id-filter.ts';
import { CATALOGUE_LINE_MAXIMUM } from '../format/limits.ts';
import type { CataloguePart } from '../format/seal.ts';
import { FileNameSet } from '../table/name-set.ts';
import type { ArchiveEnds } from './archive-ends.ts';
import { CatalogueTally } from './catalogue-tally.ts';
import { asDamageOf, readPart } from './damaged-part.ts';
import { type OwnFrames, readOwnEntry } from './own-entry.ts';

export interface CatalogueParts extends ArchiveEnds {
  readonly readFrame: (frame: number) => Uint8Array;
}

export interface MeasuredLine {
  readonly line: CatalogueLine;
  /** Characters of JSON. */
  readonly length: number;
}

/**
 * Gives all lines, in order, as often as it is asked. What they are in all, names and totals, is checked until they were
 * read to the end once: by their digests in the seal they are the same lines ever after.
 */
export class CatalogueReader {
  readonly #parts: CatalogueParts;
  #isChecked = false;

  constructor(parts: CatalogueParts) {
    this.#parts = parts;
  }

  /** @throws ArchiveError `damaged`; `hostile`: a queued file is in it twice. */
  *lines(): Generator<MeasuredLine, void, undefined> {
    try {
      yield* this.#isChecked ? measuredLines(this.#parts) : this.#checkedLines();
    } catch (error) {
      throw asDamageOf('catalogue', error);
    }
  }

  *#checkedLines(): Generator<MeasuredLine, void, undefined> {
    const names = new QueuedNames();
    const tally = new CatalogueTally();
    for (const measured of measuredLines(this.#parts)) {
      names.check(measured.line);
      countLine(tally, measured.line);
      yield measured;
    }
    checkTotals(this.#parts, tally);
    this.#isChecked = true;
  }
}

function* measuredLines(parts: CatalogueParts): Generator<MeasuredLine, void, undefined> {
  for (const number of parts.seal.catalogue.keys()) {
    for (const text of partLines(parts, number)) {
      yield { line: decodeCatalogueLine(text), length: text.length };
    }
  }
}

/** The lines of one queue ID, in order; the filters in the seal tell which parts may hold them. */
export function findLines(parts: CatalogueParts, queueId: string): CatalogueLine[] {
  const mark = `"queue_id":${JSON.stringify(queueId)}`;
  const found: CatalogueLine[] = [];
  for (const [number, { idFilter }] of parts.seal.catalogue.entries()) {
    if (mayHoldId(idFilter, queueId)) {
      const texts = readPart('catalogue', () => partLines(parts, number)).filter((text) => text.includes(mark));
      found.push(...texts.map(decodeCatalogueLine).filter((line) => line.queue_id === queueId));
    }
  }
  return found;
}

function partLines(parts: CatalogueParts, number: number): string[] {
  const part = parts.seal.catalogue[number];
  if (part === undefined) {
    return [];
  }
  const frames: OwnFrames = { first: part.frame, end: endOfPart(parts, number), readFrame: parts.readFrame };
  const expected = { name: { kind: 'catalogue', part: number }, snapshotId: parts.header.snapshot_id } as const;
  const content = readOwnEntry(frames, expected);
  checkPart(part, content);
  const texts = Buffer.from(content.buffer, content.byteOffset, content.length).toString().split('\n');
  const hasLastLineFeed = texts.pop() === '';
  if (!hasLastLineFeed || texts.length !== part.lines || texts.some((text) => text.length > CATALOGUE_LINE_MAXIMUM)) {
    throw new ArchiveError('damaged', `part ${number} of the catalogue does not hold the lines that the seal says`);
  }
  return texts;
}

function endOfPart({ seal, sealFrame }: CatalogueParts, number: number): number {
  return seal.catalogue[number + 1]?.frame ?? sealFrame;
}

function checkPart(part: CataloguePart, content: Uint8Array): void {
  const digest = hash('sha256', content);
  if (content.length !== part.size || digest !== part.sha256) {
    throw new ArchiveError('damaged', 'a part of the catalogue does not fit its digest in the seal');
  }
}

function countLine(tally: CatalogueTally, line: CatalogueLine): void {
  const isMessage = line.kind === 'message';
  const counted = {
    queueName: line.queue_name,
    fileSize: line.file_size,
    malformed: isMessage && line.malformed !== undefined && line.malformed.length > 0,
  };
  tally.count(counted, isMessage ? line.state : undefined);
}

function checkTotals({ seal }: CatalogueParts, tally: CatalogueTally): void {
  const { messages, left, logs, malformed, bytes } = tally.totals();
  const same =
    messages === seal.messages &&
    left === seal.left &&
    logs === seal.logs &&
    malformed === seal.malformed &&
    bytes === seal.bytes;
  if (!same) {
    throw new ArchiveError('damaged', 'the catalogue does not hold what the seal counts');
  }
}

/**
 * A queue ID may be used again while a snapshot is taken: then a message that `left`, and its logs, have the names of
 * later ones. Among what was queued at the end each name stands once.
 */
class QueuedNames {
  readonly #names = new FileNameSet();
  #lastLeftId = '';

  check(line: CatalogueLine): void {
    if (line.kind === 'message') {
      this.#lastLeftId = line.state === 'left' ? line.queue_id : '';
    }
    if (line.queue_id !== this.#lastLeftId && !this.#names.add(`${line.queue_name}/${line.queue_id}`)) {
      throw new ArchiveError('hostile', `the catalogue holds ${line.queue_name}/${line.queue_id} twice`);
    }
  }
}
