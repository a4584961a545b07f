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
import { isUnsigned64 } from './form.ts';
import { type JsonObject, member, parseJsonObject, sha256Member, stringMember } from './json-member.ts';
import { ACCOUNT_NAME_MAXIMUM, SNAPSHOT_ID_MAXIMUM } from './limits.ts';
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
/** Ends the JSON, with the digest and its quote and brace behind it. */
const DIGEST_MEMBER = ',"digest":"';
const DIGEST_MEMBER_LENGTH = DIGEST_MEMBER.length + DIGEST_LENGTH + 2;
const WHOLE_NUMBER = /^(?:0|[1-9][0-9]{0,15})$/;

/** Makes the content of an entry's extended header. */
export function encodeMetadata({ name, snapshotId, metadata }: EntryDescription): string {
  const covered = encodeRecords(plainRecords(name, metadata));
  const { inode, atimeNs, sha256 } = metadata;
  // Of these only the snapshot's ID could hold what JSON escapes.
  const facts = `"inode":"${inode}","atime":"${formatTimestamp(atimeNs)}","sha256":"${sha256}"`;
  const json = `{"snapshot":${JSON.stringify(snapshotId)},${facts}}`;
  const digest = descriptionDigest({ name, mode: metadata.mode, covered, json });
  return covered + encodePaxRecord(['comment', json.slice(0, -1) + digestMember(digest)]);
}

function encodeRecords(records: readonly PaxRecord[]): string {
  let text = '';
  for (const record of records) {
    text += encodePaxRecord(record);
  }
  return text;
}

/** An account's name as the archive holds it: what is longer than any system allows is left out, the number stays. */
export function accountName(name: string | undefined): string | undefined {
  return name === undefined || Buffer.byteLength(name) > ACCOUNT_NAME_MAXIMUM ? undefined : name;
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

function digestMember(digest: string): string {
  return `${DIGEST_MEMBER}${digest}"}`;
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
  const jsonLength = comment.length - DIGEST_MEMBER_LENGTH;
  if (keyword !== 'comment' || !comment.startsWith(DIGEST_MEMBER, jsonLength)) {
    throw new ArchiveError('damaged', `${WHAT} has no digest`);
  }
  const json = `${comment.slice(0, jsonLength)}}`;
  const plain = records.slice(0, -1);
  const covered = encodeRecords(plain);
  if (comment.slice(jsonLength) !== digestMember(descriptionDigest({ name, mode, covered, json }))) {
    throw new ArchiveError('damaged', `${WHAT} does not fit its digest`);
  }
  const object = parseJsonObject(json, WHAT);
  const metadata: FileMetadata = { mode, ...decodeRecords(name, plain), ...decodeFacts(object) };
  return { name, snapshotId: stringMember(object, 'snapshot', SNAPSHOT_ID_MAXIMUM), metadata };
}

/** One spelling of everything: the records are those of {@link plainRecords}, in the same order. */
function decodeRecords(
  name: string,
  records: readonly PaxRecord[],
): Pick<FileMetadata, 'uid' | 'gid' | 'uname' | 'gname' | 'mtimeNs' | 'size'> {
  let taken = 0;
  const take = (keyword: string): string | undefined => {
    const record = records[taken];
    taken += record?.[0] === keyword ? 1 : 0;
    return record?.[0] === keyword ? record[1] : undefined;
  };
  const path = take('path');
  const mtimeNs = parseTimestamp(take('mtime') ?? '');
  const [uid, gid, size] = [wholeNumber('uid', take), wholeNumber('gid', take), wholeNumber('size', take)];
  const [uname, gname] = [take('uname'), take('gname')];
  const isLong = Buffer.byteLength(name) > USTAR_NAME_MAXIMUM;
  if (taken !== records.length || path !== (isLong ? name : undefined)) {
    throw new ArchiveError('damaged', `${WHAT} has records that postsnap never writes`);
  }
  return {
    uid,
    gid,
    ...(uname === undefined ? {} : { uname }),
    ...(gname === undefined ? {} : { gname }),
    mtimeNs,
    size,
  };
}

function decodeFacts(object: JsonObject): Pick<FileMetadata, 'atimeNs' | 'inode' | 'sha256'> {
  return {
    atimeNs: parseTimestamp(stringMember(object, 'atime')),
    inode: BigInt(member(object, 'inode', isUnsigned64)),
    sha256: sha256Member(object, 'sha256'),
  };
}

function wholeNumber(keyword: string, take: (keyword: string) => string | undefined): number {
  const text = take(keyword) ?? '';
  const value = Number(text);
  if (!WHOLE_NUMBER.test(text) || !Number.isSafeInteger(value)) {
    throw new ArchiveError('damaged', `an entry header has no usable ${keyword}`);
  }
  return value;
}
