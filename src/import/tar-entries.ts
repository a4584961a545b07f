/**
 * The entries of a tar, one after the other, as tar-stream reads them: v7, ustar, pax and GNU tar's own format. What it
 * takes in silence is refused here: a tar that ends without its end was cut off.
 */

import { type Extract, extract } from 'tar-stream';
import { ArchiveError } from '../errors.ts';
import { sparseContent } from './sparse.ts';

export interface TarEntry {
  /** As it stands in the tar. */
  readonly name: string;
  /** A file with content, another name of a file (a hard link), or anything else. */
  readonly kind: 'file' | 'link' | 'directory' | 'other' | 'unreadable';
  /** Of a link: the name of the entry that has the content. */
  readonly linkName: string;
  /** Of the content, holes included. */
  readonly size: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly uname: string | undefined;
  readonly gname: string | undefined;
  readonly mtimeNs: bigint;
  /** Once only. What is not taken is passed over. */
  readonly content: AsyncIterable<Uint8Array>;
}

/** What tar-stream gives, as far as it is needed: wider than its own types, since strangers write it. */
interface Header {
  readonly name: string;
  readonly type: string | null;
  readonly linkname: string | null;
  readonly size: number | null;
  readonly mode: number | null;
  readonly uid: number | null;
  readonly gid: number | null;
  readonly uname: string | null;
  readonly gname: string | null;
  readonly mtime: Date;
  readonly pax?: unknown;
}

const CUT_OFF = 'the tar is cut off: its end is missing';

/** The first tars had no magic in their headers: what its types do not know, tar-stream takes. */
const EXTRACT_OPTIONS = { highWaterMark: 65_536, allowUnknownFormat: true };

/** Two blocks of zeros end a tar. */
const TAR_END = 1024;

/**
 * Reads the entries of a tar.
 *
 * @throws ArchiveError `damaged`; `incomplete`: it was cut off. What was given before stays good.
 */
export async function* tarEntries(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<TarEntry, void, undefined> {
  const extractor = extract(EXTRACT_OPTIONS);
  const feed = feedExtractor(bytes, extractor);
  // What fails there ends the iteration with the same error.
  feed.catch(() => undefined);
  try {
    for await (const entry of extractor) {
      yield describe(entry.header, contentOf(entry));
      entry.resume();
    }
  } catch (error) {
    throw asArchiveError(error);
  } finally {
    extractor.destroy();
  }
  if ((await feed) < TAR_END) {
    throw new ArchiveError('incomplete', CUT_OFF, { remedy: 'tar-again' });
  }
}

async function* contentOf(entry: AsyncIterable<unknown>): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    for await (const piece of entry) {
      if (piece instanceof Uint8Array) {
        yield piece;
      }
    }
  } catch (error) {
    throw asArchiveError(error);
  }
}

/** @returns how many zeros the tar ends with */
async function feedExtractor(bytes: AsyncIterable<Uint8Array>, extractor: Extract): Promise<number> {
  let zeros = 0;
  try {
    for await (const piece of bytes) {
      zeros = zerosAtEnd(piece, zeros);
      if (!extractor.write(Buffer.from(piece.buffer, piece.byteOffset, piece.length))) {
        await drained(extractor);
      }
      if (extractor.destroyed) {
        return zeros;
      }
    }
    extractor.end(undefined);
    return zeros;
  } catch (error) {
    extractor.destroy(error instanceof Error ? error : new Error(String(error)));
    throw error;
  }
}

function drained(extractor: Extract): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      extractor.off('drain', done);
      extractor.off('close', done);
      resolve();
    };
    extractor.on('drain', done);
    extractor.on('close', done);
  });
}

function zerosAtEnd(piece: Uint8Array, before: number): number {
  let at = piece.length;
  while (at > 0 && piece[at - 1] === 0) {
    at -= 1;
  }
  return at === 0 ? before + piece.length : piece.length - at;
}

/** The second is what an entry gets whose tar has ended. */
const END_ERRORS = ['Unexpected end of data', 'Stream was destroyed'];

/** tar-stream throws errors without a code, which are about the tar. */
function asArchiveError(error: unknown): unknown {
  const isEnd = error instanceof Error && END_ERRORS.includes(error.message);
  if (!(error instanceof Error) || error instanceof ArchiveError || ('code' in error && !isEnd)) {
    return error;
  }
  return isEnd
    ? new ArchiveError('incomplete', CUT_OFF, { remedy: 'tar-again', cause: error })
    : new ArchiveError('damaged', 'the tar is damaged, or of no form that postsnap reads', {
        remedy: 'tar-again',
        cause: error,
      });
}

function describe(header: Header, content: AsyncIterable<Uint8Array>): TarEntry {
  const pax = textRecords(header.pax);
  const sparse = sparseContent({ name: header.name, size: header.size ?? 0, pax }, content);
  return {
    name: sparse.name,
    kind: sparse.isReadable ? kindOf(header.type) : 'unreadable',
    linkName: header.linkname ?? '',
    size: sparse.size,
    mode: (header.mode ?? 0) & 0o7777,
    uid: wholeNumber(pax?.['uid'], header.uid),
    gid: wholeNumber(pax?.['gid'], header.gid),
    uname: accountName(pax?.['uname'] ?? header.uname),
    gname: accountName(pax?.['gname'] ?? header.gname),
    mtimeNs: paxTime(pax?.['mtime']) ?? dateNs(header.mtime),
    content: sparse.content,
  };
}

/** The extended header's records; tar-stream gives them as an object of texts. */
function textRecords(pax: unknown): Record<string, string> | undefined {
  if (typeof pax !== 'object' || pax === null) {
    return undefined;
  }
  const texts = Object.entries(pax).filter((record): record is [string, string] => typeof record[1] === 'string');
  return Object.fromEntries(texts);
}

function kindOf(type: string | null): TarEntry['kind'] {
  switch (type) {
    case 'file':
    case 'contiguous-file':
      return 'file';
    case 'link':
      return 'link';
    case 'directory':
      return 'directory';
    case null:
      return 'unreadable';
    default:
      return 'other';
  }
}

/** What is no number of an account counts as root's, to whom nothing is ever restored. */
function wholeNumber(text: string | undefined, otherwise: number | null): number {
  const value = text === undefined ? (otherwise ?? 0) : Number(text);
  return Number.isSafeInteger(value) && value >= 0 ? value : 0;
}

const NAME_MAXIMUM = 256;

function accountName(text: string | null): string | undefined {
  return text === null || text === '' || text.length > NAME_MAXIMUM || /[\n\0]/u.test(text) ? undefined : text;
}

const NANOSECOND_DIGITS = 9;

/** Seconds with a fraction, as POSIX pax writes them. */
function paxTime(text: string | undefined): bigint | undefined {
  const [, sign, seconds, fraction = ''] = /^(-?)(\d{1,11})(?:\.(\d+))?$/u.exec(text ?? '') ?? [];
  if (seconds === undefined) {
    return undefined;
  }
  const magnitude = BigInt(seconds + fraction.slice(0, NANOSECOND_DIGITS).padEnd(NANOSECOND_DIGITS, '0'));
  return sign === '-' ? -magnitude : magnitude;
}

function dateNs(date: Date): bigint {
  const milliseconds = date.getTime();
  return Number.isSafeInteger(milliseconds) ? BigInt(milliseconds) * 1_000_000n : 0n;
}
