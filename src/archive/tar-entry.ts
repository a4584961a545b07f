/**
 * The two kinds of tar header that an archive holds (POSIX pax(1), "ustar Interchange Format" and "pax Extended
 * Header"): an extended header (`x`), which carries all metadata, and the regular file (`0`) behind it. The decoder
 * takes exactly what the encoder makes, byte for byte: no link, device, directory, or second spelling of anything.
 */

import { ArchiveError } from '../errors.ts';
import { decodeMetadata, type EntryDescription, encodeMetadata } from '../format/file-metadata.ts';
import { decodePaxRecords } from '../format/pax-record.ts';
import { HeaderTemplates } from './header-templates.ts';
import { type Block, MODE, NAME, readOctal, readText, SIZE, TAR_BLOCK, TYPE } from './ustar-header.ts';

/** Two blocks of zeros end a tar; padding is shorter. */
const TAR_ZEROS = Buffer.alloc(2 * TAR_BLOCK);
export const TAR_END: Uint8Array = TAR_ZEROS;

/** Eight records of less than 300 bytes each; a path of 255 bytes below 16 directories. */
const RECORDS_MAXIMUM = 4096;

/** Bytes of zeros behind content of this size: it fills whole blocks. */
export function tarPadding(size: number): number {
  return (TAR_BLOCK - (size % TAR_BLOCK)) % TAR_BLOCK;
}

/** The headers of an entry, with all that their length depends on. */
export interface PreparedHeader {
  readonly entry: EntryDescription;
  readonly records: string;
  /** Of the records, in bytes. */
  readonly recordsSize: number;
  /** Of the headers, in bytes. */
  readonly length: number;
}

/** Prepares the headers of an entry; its content and {@link tarPadding} follow them. */
export function prepareEntryHeader(entry: EntryDescription): PreparedHeader {
  const records = encodeMetadata(entry);
  const recordsSize = Buffer.byteLength(records);
  return { entry, records, recordsSize, length: 2 * TAR_BLOCK + recordsSize + tarPadding(recordsSize) };
}

/** Writes the headers into a buffer, whatever is in it. */
export function writeEntryHeader(
  { entry, records, recordsSize, length }: PreparedHeader,
  { bytes, at }: Block,
  templates: HeaderTemplates,
): void {
  const recordsAt = at + TAR_BLOCK;
  const fileHeaderAt = at + length - TAR_BLOCK;
  bytes.set(templates.extended(recordsSize), at);
  bytes.write(records, recordsAt, recordsSize, 'utf8');
  bytes.fill(0, recordsAt + recordsSize, fileHeaderAt);
  templates.write({ bytes, at: fileHeaderAt }, entry);
}

/** The headers of an entry as bytes of their own. */
export function encodeEntryHeader(entry: EntryDescription): Uint8Array {
  const header = prepareEntryHeader(entry);
  const bytes = Buffer.allocUnsafe(header.length);
  writeEntryHeader(header, { bytes, at: 0 }, new HeaderTemplates());
  return bytes;
}

/** The headers of an entry, read back. */
export interface DecodedHeader {
  readonly entry: EntryDescription;
  /** Where the content begins, counted from the first header. */
  readonly length: number;
}

/**
 * Reads the headers of the entry that begins at `offset`.
 *
 * @param templates of a reader of many entries
 * @throws ArchiveError `damaged`: they are not what {@link encodeEntryHeader} makes.
 */
export function decodeEntryHeader(
  bytes: Uint8Array,
  offset: number,
  templates: HeaderTemplates = new HeaderTemplates(),
): DecodedHeader {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).subarray(offset);
  const recordsSize = readOctal(view, 0, SIZE);
  const length = 2 * TAR_BLOCK + recordsSize + tarPadding(recordsSize);
  if (recordsSize > RECORDS_MAXIMUM || length > view.length || view[TYPE[0]] !== 'x'.charCodeAt(0)) {
    throw damaged();
  }
  const headerAt = length - TAR_BLOCK;
  const records = decodePaxRecords(view.subarray(TAR_BLOCK, TAR_BLOCK + recordsSize));
  const [keyword, value] = records[0] ?? ['', ''];
  const name = keyword === 'path' ? value : readText(view, headerAt, NAME);
  const entry = decodeMetadata({ name, mode: readOctal(view, headerAt, MODE), records });
  checkHeaders(view, { headerAt, recordsSize, templates }, entry);
  return { entry, length };
}

interface Headers {
  readonly headerAt: number;
  readonly recordsSize: number;
  readonly templates: HeaderTemplates;
}

/** The headers' bytes follow from what was decoded: this one comparison stands for the checks of fields and sums. */
function checkHeaders(bytes: Buffer, { headerAt, recordsSize, templates }: Headers, entry: EntryDescription): void {
  const recordsEnd = TAR_BLOCK + recordsSize;
  const isAsWritten =
    bytes.compare(templates.extended(recordsSize), 0, TAR_BLOCK, 0, TAR_BLOCK) === 0 &&
    bytes.compare(templates.expected(entry), 0, TAR_BLOCK, headerAt, headerAt + TAR_BLOCK) === 0 &&
    bytes.compare(TAR_ZEROS, 0, headerAt - recordsEnd, recordsEnd, headerAt) === 0;
  if (!isAsWritten) {
    throw damaged();
  }
}

/** Whether there is nothing but zeros, as in padding. */
export function isZeros(bytes: Uint8Array): boolean {
  return TAR_ZEROS.subarray(0, bytes.length).equals(bytes);
}

function damaged(): ArchiveError {
  return new ArchiveError('damaged', 'the archive holds a tar header that postsnap never writes');
}
