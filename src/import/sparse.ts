/**
 * Files with holes, as pax archives hold them (GNU tar's manual, "Storing Sparse Files"; bsdtar writes them for every
 * file with a hole): the data alone, with a map of where it goes. GNU.sparse 1.0 has its map before the data, 0.1 has it
 * in a record. 0.0 repeats records, of which a reader of pax records keeps the last: it is not read.
 */

import { ArchiveError } from '../errors.ts';

export interface SparseHeader {
  readonly name: string;
  /** Bytes in the tar. */
  readonly size: number;
  readonly pax: Readonly<Record<string, string>> | undefined;
}

export interface WholeContent {
  readonly name: string;
  readonly size: number;
  /** False: it can't be told where the data goes. */
  readonly isReadable: boolean;
  readonly content: AsyncIterable<Uint8Array>;
}

/** Where a piece of data stands in the file. */
interface Extent {
  readonly offset: number;
  readonly length: number;
}

/** No queue file and no log is bigger; holes cost a forger nothing. */
const SIZE_MAXIMUM = 4 * 1024 ** 3;
const EXTENTS_MAXIMUM = 100_000;
const BLOCK = 512;
const ZEROS = Buffer.alloc(64 * 1024);

/** The content of a file with its holes filled; of any other, the content as it is. */
export function sparseContent({ name, size, pax }: SparseHeader, content: AsyncIterable<Uint8Array>): WholeContent {
  const isSparse = Object.keys(pax ?? {}).some((keyword) => keyword.startsWith('GNU.sparse.'));
  if (pax === undefined || !isSparse) {
    return { name, size, isReadable: true, content };
  }
  const realName = pax['GNU.sparse.name'] ?? name;
  const realSize = Number(pax['GNU.sparse.realsize'] ?? pax['GNU.sparse.size']);
  const map = pax['GNU.sparse.map'];
  const hasOwnMap = pax['GNU.sparse.major'] === '1' && pax['GNU.sparse.minor'] === '0';
  const isReadable = isSize(realSize) && realSize <= SIZE_MAXIMUM && (hasOwnMap || map !== undefined);
  if (!isReadable) {
    return { name: realName, size, isReadable, content };
  }
  const pieces = hasOwnMap ? withOwnMap(content) : withMap(content, map ?? '');
  return { name: realName, size: realSize, isReadable, content: filled(pieces, realSize) };
}

function isSize(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

/** Extents, and the data that stands one after the other. */
interface MappedData {
  readonly extents: readonly Extent[];
  readonly data: AsyncIterator<Uint8Array>;
  /** What was read of the data together with the map. */
  readonly first: Uint8Array;
}

async function withMap(content: AsyncIterable<Uint8Array>, map: string): Promise<MappedData> {
  return {
    extents: extentsOf(map.split(',').map(Number)),
    data: content[Symbol.asyncIterator](),
    first: new Uint8Array(0),
  };
}

/** The map is lines of decimal numbers, the number of extents first, filled up to whole blocks. */
async function withOwnMap(content: AsyncIterable<Uint8Array>): Promise<MappedData> {
  const data = content[Symbol.asyncIterator]();
  let read: Uint8Array = new Uint8Array(0);
  const numbers: number[] = [];
  let used = 0;
  while (numbers.length === 0 || numbers.length < 1 + 2 * (numbers[0] ?? 0)) {
    const end = read.indexOf(0x0a, used);
    if (end >= 0) {
      numbers.push(Number(Buffer.from(read.subarray(used, end)).toString('latin1')));
      used = end + 1;
    } else {
      const next = await data.next();
      if (next.done === true || read.length > EXTENTS_MAXIMUM * BLOCK || !isSize(numbers[0] ?? 0)) {
        throw damaged();
      }
      read = Buffer.concat([read, next.value]);
    }
    if ((numbers[0] ?? 0) > EXTENTS_MAXIMUM) {
      throw damaged();
    }
  }
  const dataAt = Math.ceil(used / BLOCK) * BLOCK;
  while (read.length < dataAt) {
    const next = await data.next();
    if (next.done === true) {
      throw damaged();
    }
    read = Buffer.concat([read, next.value]);
  }
  return { extents: extentsOf(numbers.slice(1)), data, first: read.subarray(dataAt) };
}

function extentsOf(numbers: readonly number[]): Extent[] {
  const extents: Extent[] = [];
  for (let at = 0; at < numbers.length; at += 2) {
    extents.push({ offset: numbers[at] ?? Number.NaN, length: numbers[at + 1] ?? Number.NaN });
  }
  return extents;
}

/** The data with zeros where nothing is. */
async function* filled(mapped: Promise<MappedData>, size: number): AsyncGenerator<Uint8Array, void, undefined> {
  const { extents, data, first } = await mapped;
  let rest = first;
  let at = 0;
  for (const { offset, length } of extents) {
    if (!isSize(offset) || !isSize(length) || offset < at || offset + length > size) {
      throw damaged();
    }
    yield* zeros(offset - at);
    at = offset;
    while (at < offset + length) {
      if (rest.length === 0) {
        const next = await data.next();
        if (next.done === true) {
          throw damaged();
        }
        rest = next.value;
      }
      const piece = rest.subarray(0, offset + length - at);
      rest = rest.subarray(piece.length);
      at += piece.length;
      yield piece;
    }
  }
  yield* zeros(size - at);
}

function* zeros(count: number): Generator<Uint8Array, void, undefined> {
  for (let left = count; left > 0; left -= ZEROS.length) {
    yield ZEROS.subarray(0, Math.min(left, ZEROS.length));
  }
}

function damaged(): ArchiveError {
  return new ArchiveError('damaged', 'the tar holds a file with holes whose map is not right');
}
