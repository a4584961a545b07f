/**
 * What an entry says of itself, as records of its pax extended header: owner, time and size under the keywords of
 * POSIX (pax(1)), and what POSIX has no keyword for as JSON in `comment`, the one keyword that every tar passes over
 * in silence. An entry can so be used when catalogue and seal are gone.
 *
 * The `digest` at the JSON's end covers name, mode and all records: a codec without a checksum of its own may hand
 * over altered bytes without an error.
 */

import { hash } from 'node:crypto';
import { ArchiveError } from '../errors.ts';
import { bigintMember, type JsonObject, parseJsonObject, sha256Member, stringMember } from './json-member.ts';
import { encodePaxRecord, type PaxRecord } from './pax-record.ts';
import { formatTimestamp, parseTimestamp } from './timestamp.ts';

export interface FileMetadata {
  /** The permission bits: `st_mode & 07777`. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Absent where the source had no name for the number. */
  readonly uname?: string | undefined;
  readonly gname?: string | undefined;
  /** Nanoseconds since the epoch. */
  readonly mtimeNs: bigint;
  readonly atimeNs: bigint;
  readonly inode: bigint;
  /** Of the whole content, in lower-case hexadecimal. */
  readonly sha256: string;
  /** Bytes of content. */
  readonly size: number;
}

/** All that an entry's header says. */
export interface EntryDescription {
  /** The entry's name as it stands in the archive. */
  readonly name: string;
  /** The snapshot that the entry belongs to: a stray or planted entry has another. */
  readonly snapshotId: string;
  readonly metadata: FileMetadata;
}

/** What the ustar header and the extended header hold, before anything is believed. */
export interface RawDescription {
  readonly name: string;
  readonly mode: number;
  readonly records: readonly PaxRecord[];
}

/** The `name` field of a ustar header; a longer one needs a `path` record. */
export const USTAR_NAME_MAXIMUM = 100;

const WHAT = 'an entry header';
const DIGEST_LENGTH = 16;
const DIGEST_MEMBER = new RegExp(`,"digest":"([0-9a-f]{${DIGEST_LENGTH}})"}$`);
const WHOLE_NUMBER = /^(?:0|[1-9][0-9]{0,15})$/;

/** Makes the content of an entry's extended header. */
export function encodeMetadata({ name, snapshotId, metadata }: EntryDescription): string {
  const covered = encodeRecords(plainRecords(name, metadata));
  const { inode, atimeNs, sha256 } = metadata;
  // Of these only the snapshot's ID could hold what JSON escapes.
  const facts = `"inode":"${inode}","atime":"${formatTimestamp(atimeNs)}","sha256":"${sha256}"`;
  const json = `{"snapshot":${JSON.stringify(snapshotId)},${facts}}`;
  const digest = descriptionDigest({ name, mode: metadata.mode, covered, json });
  return covered + encodePaxRecord(['comment', `${json.slice(0, -1)},"digest":"${digest}"}`]);
}

function encodeRecords(records: readonly PaxRecord[]): string {
  let text = '';
  for (const record of records) {
    text += encodePaxRecord(record);
  }
  return text;
}

/** All records but `comment`, in their order. */
function plainRecords(name: string, metadata: FileMetadata): PaxRecord[] {
  const { mtimeNs, uid, gid, size, uname, gname } = metadata;
  const records: PaxRecord[] = Buffer.byteLength(name) > USTAR_NAME_MAXIMUM ? [['path', name]] : [];
  records.push(['mtime', formatTimestamp(mtimeNs)]);
  records.push(['uid', String(uid)], ['gid', String(gid)], ['size', String(size)]);
  if (uname !== undefined) {
    records.push(['uname', uname]);
  }
  if (gname !== undefined) {
    records.push(['gname', gname]);
  }
  return records;
}

interface DigestInput {
  readonly name: string;
  readonly mode: number;
  /** The records before `comment`, as they are in the archive. */
  readonly covered: string;
  /** The value of `comment` without its digest. */
  readonly json: string;
}

function descriptionDigest({ name, mode, covered, json }: DigestInput): string {
  const text = `${mode.toString(8)} ${name}\n${covered}${json}`;
  return hash('sha256', text).slice(0, DIGEST_LENGTH);
}

/**
 * Reads an entry's description back.
 *
 * @throws ArchiveError `damaged`: a record is missing or too many, not of its form, or the digest does not fit.
 */
export function decodeMetadata({ name, mode, records }: RawDescription): EntryDescription {
  const [keyword, comment] = records.at(-1) ?? ['', ''];
  const member = DIGEST_MEMBER.exec(comment);
  if (keyword !== 'comment' || member === null) {
    throw new ArchiveError('damaged', `${WHAT} has no digest`);
  }
  const json = `${comment.slice(0, member.index)}}`;
  const object = parseJsonObject(json, WHAT);
  const metadata: FileMetadata = { mode, ...decodeValues(new Map(records), object) };
  const expected = plainRecords(name, metadata);
  // One spelling of everything: what is decoded must encode to the same records, in the same order.
  if (expected.length !== records.length - 1 || !expected.every((record, index) => isSame(record, records[index]))) {
    throw new ArchiveError('damaged', `${WHAT} has records that postsnap never writes`);
  }
  const covered = encodeRecords(expected);
  if (member[1] !== descriptionDigest({ name, mode, covered, json })) {
    throw new ArchiveError('damaged', `${WHAT} does not fit its digest`);
  }
  return { name, snapshotId: stringMember(object, 'snapshot'), metadata };
}

function isSame(record: PaxRecord, other: PaxRecord | undefined): boolean {
  return record[0] === other?.[0] && record[1] === other[1];
}

function decodeValues(values: ReadonlyMap<string, string>, object: JsonObject): Omit<FileMetadata, 'mode'> {
  return {
    uid: wholeNumber(values, 'uid'),
    gid: wholeNumber(values, 'gid'),
    ...optionalNames(values),
    mtimeNs: parseTimestamp(values.get('mtime') ?? ''),
    atimeNs: parseTimestamp(stringMember(object, 'atime')),
    inode: bigintMember(object, 'inode'),
    sha256: sha256Member(object, 'sha256'),
    size: wholeNumber(values, 'size'),
  };
}

function optionalNames(values: ReadonlyMap<string, string>): Pick<FileMetadata, 'uname' | 'gname'> {
  const uname = values.get('uname');
  const gname = values.get('gname');
  return { ...(uname === undefined ? {} : { uname }), ...(gname === undefined ? {} : { gname }) };
}

function wholeNumber(values: ReadonlyMap<string, string>, keyword: string): number {
  const text = values.get(keyword) ?? '';
  const value = Number(text);
  if (!WHOLE_NUMBER.test(text) || !Number.isSafeInteger(value)) {
    throw new ArchiveError('damaged', `an entry header has no usable ${keyword}`);
  }
  return value;
}
