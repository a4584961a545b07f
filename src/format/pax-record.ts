/**
 * Records of a pax extended header (POSIX pax(1)): `LENGTH KEYWORD=VALUE\n`, where LENGTH is decimal and counts the
 * whole record, itself included, in bytes of UTF-8.
 */

import { ArchiveError } from '../errors.ts';

export type PaxRecord = readonly [keyword: string, value: string];

const LENGTH = /^[1-9][0-9]{0,3}$/;

export function encodePaxRecord([keyword, value]: PaxRecord): string {
  const rest = ` ${keyword}=${value}\n`;
  const length = Buffer.byteLength(rest);
  const digits = String(length + String(length).length).length;
  return `${length + digits}${rest}`;
}

/**
 * Reads the records that fill these bytes.
 *
 * @throws ArchiveError `damaged`: something else is in them.
 */
export function decodePaxRecords(bytes: Buffer): PaxRecord[] {
  const text = bytes.toString('latin1');
  const isAscii = Buffer.byteLength(text) === text.length;
  const records: PaxRecord[] = [];
  for (let at = 0; at < text.length; ) {
    const space = text.indexOf(' ', at);
    const digits = text.slice(at, Math.max(at, space));
    const end = at + Number(digits);
    const equals = text.indexOf('=', at);
    if (!LENGTH.test(digits) || end > text.length || equals < space || equals >= end || text[end - 1] !== '\n') {
      throw new ArchiveError('damaged', 'an entry header holds something that is no pax record');
    }
    const value = text.slice(equals + 1, end - 1);
    records.push([text.slice(space + 1, equals), isAscii ? value : fromUtf8(value)]);
    at = end;
  }
  return records;
}

/** @param text a character for each byte. */
function fromUtf8(text: string): string {
  return Buffer.from(text, 'latin1').toString();
}
