/**
 * The two kinds of tar header that an archive holds (POSIX pax(1), "ustar Interchange Format" and "pax Extended
 * Header"): an extended header (`x`), which carries all metadata, and the regular file (`0`) behind it. The decoder
 * takes exactly what the encoder makes, byte for byte: no link, device, directory, or second spelling of anything.
 */

import { ArchiveError } from '../errors.ts';
import {
  decodeMetadata,
  type EntryDescription,
  encodeMetadata,
  type FileMetadata,
  USTAR_NAME_MAXIMUM,
} from '../format/file-metadata.ts';
import { decodePaxRecords } from '../format/pax-record.ts';

export const TAR_BLOCK = 512;

/** Two blocks of zeros end a tar; padding is shorter. */
const TAR_ZEROS = Buffer.alloc(2 * TAR_BLOCK);
export const TAR_END: Uint8Array = TAR_ZEROS;

/** A field of the ustar header: where it is and how long. */
type Field = readonly [offset: number, length: number];

/** A header in a buffer. */
interface Block {
  readonly bytes: Buffer;
  readonly at: number;
}

const NAME: Field = [0, USTAR_NAME_MAXIMUM];
const MODE: Field = [100, 8];
const UID: Field = [108, 8];
const GID: Field = [116, 8];
const SIZE: Field = [124, 12];
const MTIME: Field = [136, 12];
const CHECKSUM: Field = [148, 8];
const TYPE: Field = [156, 1];
const MAGIC: Field = [257, 8];
const UNAME: Field = [265, 32];
const GNAME: Field = [297, 32];

const EXTENDED_HEADER_NAME = 'PaxHeaders/entry';
const NANOSECONDS = 1_000_000_000n;
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
  into: Buffer,
  at: number,
): void {
  const recordsAt = at + TAR_BLOCK;
  const fileHeaderAt = at + length - TAR_BLOCK;
  into.set(extendedHeader(recordsSize), at);
  into.write(records, recordsAt, recordsSize, 'utf8');
  into.fill(0, recordsAt + recordsSize, fileHeaderAt);
  writeFileHeader(into, fileHeaderAt, entry);
}

/** The headers of an entry as bytes of their own. */
export function encodeEntryHeader(entry: EntryDescription): Uint8Array {
  const header = prepareEntryHeader(entry);
  const bytes = Buffer.allocUnsafe(header.length);
  writeEntryHeader(header, bytes, 0);
  return bytes;
}

/** The header of the records depends on their size alone, and there are few sizes. */
const extendedHeaders = new Map<number, Buffer>();

function extendedHeader(size: number): Buffer {
  const known = extendedHeaders.get(size);
  if (known !== undefined) {
    return known;
  }
  const block = headerBlock({ name: EXTENDED_HEADER_NAME, type: 'x', size, mode: 0o600, mtimeSeconds: 0n });
  extendedHeaders.set(size, block.bytes);
  return block.bytes;
}

/** A header without what differs from file to file, and the sum of its bytes, with spaces for the sum. */
interface Template {
  readonly block: Buffer;
  readonly sum: number;
}

/** The files of a queue have few owners and modes. */
const TEMPLATES_MAXIMUM = 64;
const templates = new Map<string, Template>();

function templateOf({ mode, uid, gid, uname, gname }: FileMetadata): Template {
  const key = `${mode} ${uid} ${gid} ${uname ?? ''}\0${gname ?? ''}`;
  const known = templates.get(key);
  if (known !== undefined) {
    return known;
  }
  if (templates.size === TEMPLATES_MAXIMUM) {
    templates.clear();
  }
  const block = headerBlock({ name: '', type: '0', size: 0, mode, mtimeSeconds: 0n, uid, gid, uname, gname });
  const template = { block: block.bytes, sum: checksum(block) - fieldSum(block, SIZE) - fieldSum(block, MTIME) };
  templates.set(key, template);
  return template;
}

function writeFileHeader(into: Buffer, at: number, { name, metadata }: EntryDescription): void {
  const template = templateOf(metadata);
  into.set(template.block, at);
  const block: Block = { bytes: into, at };
  writeText(block, NAME, name);
  writeOctal(block, SIZE, metadata.size);
  writeOctal(block, MTIME, metadata.mtimeNs / NANOSECONDS);
  writeChecksum(block, template.sum + fieldSum(block, NAME) + fieldSum(block, SIZE) + fieldSum(block, MTIME));
}

interface UstarHeader {
  readonly name: string;
  readonly type: 'x' | '0';
  readonly size: number;
  readonly mode: number;
  readonly mtimeSeconds: bigint;
  readonly uid?: number;
  readonly gid?: number;
  readonly uname?: string | undefined;
  readonly gname?: string | undefined;
}

function headerBlock(header: UstarHeader): Block {
  const block: Block = { bytes: Buffer.alloc(TAR_BLOCK), at: 0 };
  writeText(block, NAME, header.name);
  writeOctal(block, MODE, header.mode);
  writeOctal(block, UID, header.uid ?? 0);
  writeOctal(block, GID, header.gid ?? 0);
  writeOctal(block, SIZE, header.size);
  writeOctal(block, MTIME, header.mtimeSeconds);
  writeText(block, TYPE, header.type);
  writeText(block, MAGIC, 'ustar\x0000');
  writeText(block, UNAME, header.uname ?? '');
  writeText(block, GNAME, header.gname ?? '');
  writeChecksum(block, checksum(block));
  return block;
}

function writeChecksum({ bytes, at }: Block, sum: number): void {
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, at + CHECKSUM[0], 'latin1');
}

/** Cuts what is longer than its field: a pax record has it whole. */
function writeText({ bytes, at }: Block, [offset, length]: Field, text: string): void {
  bytes.write(text, at + offset, length, 'utf8');
}

/** A number that does not fit is the field's greatest, one below 0 is 0: a pax record has the true one. */
function writeOctal({ bytes, at }: Block, [offset, length]: Field, value: number | bigint): void {
  const digits = length - 1;
  const text = value < 0 ? '' : value.toString(8);
  const field = text.length > digits ? '7'.repeat(digits) : text.padStart(digits, '0');
  bytes.write(field, at + offset, digits, 'latin1');
}

/** The sum of the block's bytes, with spaces for the sum itself. */
function checksum(block: Block): number {
  return fieldSum(block, [0, TAR_BLOCK]) - fieldSum(block, CHECKSUM) + CHECKSUM[1] * 0x20;
}

function fieldSum({ bytes, at }: Block, [offset, length]: Field): number {
  let sum = 0;
  for (let index = at + offset; index < at + offset + length; index += 1) {
    sum += bytes[index] ?? 0;
  }
  return sum;
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
 * @throws ArchiveError `damaged`: they are not what {@link encodeEntryHeader} makes.
 */
export function decodeEntryHeader(bytes: Uint8Array, offset: number): DecodedHeader {
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
  checkHeaders(view, { headerAt, recordsSize }, entry);
  return { entry, length };
}

/** What a file's header has to be, one at a time. */
const expectedHeader = Buffer.alloc(TAR_BLOCK);

/** The headers' bytes follow from what was decoded: this one comparison stands for the checks of fields and sums. */
function checkHeaders(
  bytes: Buffer,
  { headerAt, recordsSize }: { readonly headerAt: number; readonly recordsSize: number },
  entry: EntryDescription,
): void {
  writeFileHeader(expectedHeader, 0, entry);
  const recordsEnd = TAR_BLOCK + recordsSize;
  const isAsWritten =
    bytes.compare(extendedHeader(recordsSize), 0, TAR_BLOCK, 0, TAR_BLOCK) === 0 &&
    bytes.compare(expectedHeader, 0, TAR_BLOCK, headerAt, headerAt + TAR_BLOCK) === 0 &&
    bytes.compare(TAR_ZEROS, 0, headerAt - recordsEnd, recordsEnd, headerAt) === 0;
  if (!isAsWritten) {
    throw damaged();
  }
}

/** Whether there is nothing but zeros, as in padding. */
export function isZeros(bytes: Uint8Array): boolean {
  return TAR_ZEROS.subarray(0, bytes.length).equals(bytes);
}

function readText(bytes: Buffer, at: number, [offset, length]: Field): string {
  const begin = at + offset;
  const end = bytes.indexOf(0, begin);
  return bytes.toString('utf8', begin, end < 0 ? begin + length : Math.min(end, begin + length));
}

/** NaN where something else stands. */
function readOctal(bytes: Buffer, at: number, [offset, length]: Field): number {
  let value = 0;
  for (let index = at + offset; index < at + offset + length - 1; index += 1) {
    const digit = (bytes[index] ?? 0) - '0'.charCodeAt(0);
    value = digit >= 0 && digit <= 7 ? value * 8 + digit : Number.NaN;
  }
  return value;
}

function damaged(): ArchiveError {
  return new ArchiveError('damaged', 'the archive holds a tar header that postsnap never writes');
}
