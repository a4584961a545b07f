/**
 * What an entry says of itself, as records of its pax extended header: owner, time and size under the keywords of
 * POSIX (pax(1)), and what POSIX has no keyword for as JSON in `comment`, the one keyword that every tar passes over
 * in silence. An entry can so be used when catalogue and seal are gone.
 *
 * The `digest` at the JSON's end covers name, mode and all records: a codec without a checksum of its own may hand
 * over altered bytes without an error.
 */

import { createHash } from 'node:crypto';
import { ArchiveError } from '../errors.ts';
import { bigintMember, type JsonObject, parseJsonObject, sha256Member, stringMember } from './json-member.ts';
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

/** Keyword and value of one record. */
export type PaxRecord = readonly [keyword: string, value: string];

/** What the ustar header and the pax records hold, before anything is believed. */
export interface RawDescription {
  readonly name: string;
  readonly mode: number;
  readonly records: readonly PaxRecord[];
}

/** The `name` field of a ustar header; a longer one needs a `path` record. */
export const USTAR_NAME_MAXIMUM = 100;

const DIGEST_LENGTH = 16;
const DIGEST_MEMBER = new RegExp(`,"digest":"([0-9a-f]{${DIGEST_LENGTH}})"}$`);
const WHOLE_NUMBER = /^(?:0|[1-9][0-9]{0,15})$/;

/** Makes the pax records of an entry, in the order that they are written in. */
export function encodeMetadata({ name, snapshotId, metadata }: EntryDescription): PaxRecord[] {
  const records: PaxRecord[] = [];
  if (Buffer.byteLength(name) > USTAR_NAME_MAXIMUM) {
    records.push(['path', name]);
  }
  records.push(
    ['mtime', formatTimestamp(metadata.mtimeNs)],
    ['uid', String(metadata.uid)],
    ['gid', String(metadata.gid)],
    ['size', String(metadata.size)],
  );
  if (metadata.uname !== undefined) {
    records.push(['uname', metadata.uname]);
  }
  if (metadata.gname !== undefined) {
    records.push(['gname', metadata.gname]);
  }
  const json = encodeComment(snapshotId, metadata);
  const digest = descriptionDigest({ name, mode: metadata.mode, records }, json);
  records.push(['comment', `${json.slice(0, -1)},"digest":"${digest}"}`]);
  return records;
}

function encodeComment(snapshotId: string, metadata: FileMetadata): string {
  return JSON.stringify({
    snapshot: snapshotId,
    inode: String(metadata.inode),
    atime: formatTimestamp(metadata.atimeNs),
    sha256: metadata.sha256,
  });
}

function descriptionDigest({ name, mode, records }: RawDescription, comment: string): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([name, mode, records, comment]));
  return hash.digest('hex').slice(0, DIGEST_LENGTH);
}

/**
 * Reads an entry's description back.
 *
 * @throws ArchiveError `damaged`: a record is missing, not of its form, or the digest does not fit.
 */
export function decodeMetadata({ name, mode, records }: RawDescription): EntryDescription {
  const what = 'an entry header';
  const comment = records.find(([keyword]) => keyword === 'comment')?.[1] ?? '';
  const digest = DIGEST_MEMBER.exec(comment);
  const covered = records.filter(([keyword]) => keyword !== 'comment');
  const json = `${comment.slice(0, digest?.index ?? 0)}}`;
  if (digest?.[1] !== descriptionDigest({ name, mode, records: covered }, json)) {
    throw new ArchiveError('damaged', `${what} does not fit its digest`);
  }
  const object = parseJsonObject(json, what);
  const values = new Map(covered);
  return { name, snapshotId: stringMember(object, 'snapshot'), metadata: { mode, ...decodeValues(values, object) } };
}

function decodeValues(values: ReadonlyMap<string, string>, object: JsonObject): Omit<FileMetadata, 'mode'> {
  return {
    uid: wholeNumber(values, 'uid'),
    gid: wholeNumber(values, 'gid'),
    uname: values.get('uname'),
    gname: values.get('gname'),
    mtimeNs: parseTimestamp(values.get('mtime') ?? ''),
    atimeNs: parseTimestamp(stringMember(object, 'atime')),
    inode: bigintMember(object, 'inode'),
    sha256: sha256Member(object, 'sha256'),
    size: wholeNumber(values, 'size'),
  };
}

function wholeNumber(values: ReadonlyMap<string, string>, keyword: string): number {
  const text = values.get(keyword) ?? '';
  const value = Number(text);
  if (!WHOLE_NUMBER.test(text) || !Number.isSafeInteger(value)) {
    throw new ArchiveError('damaged', `an entry header has no usable ${keyword}`);
  }
  return value;
}
