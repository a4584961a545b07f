/** The header of a file in a tar: the ustar format of POSIX pax(1), one block of 512 bytes. */

import { USTAR_NAME_MAXIMUM } from '../format/file-metadata.ts';

export const TAR_BLOCK = 512;

/** A field of the ustar header: where it is and how long. */
export type Field = readonly [offset: number, length: number];

/** A header in a buffer. */
export interface Block {
  readonly bytes: Buffer;
  readonly at: number;
}

export const NAME: Field = [0, USTAR_NAME_MAXIMUM];
export const MODE: Field = [100, 8];
const UID: Field = [108, 8];
const GID: Field = [116, 8];
export const SIZE: Field = [124, 12];
export const MTIME: Field = [136, 12];
const CHECKSUM: Field = [148, 8];
export const TYPE: Field = [156, 1];
const MAGIC: Field = [257, 8];
const UNAME: Field = [265, 32];
const GNAME: Field = [297, 32];

export interface UstarHeader {
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

export function headerBlock(header: UstarHeader): Block {
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

export function writeChecksum({ bytes, at }: Block, sum: number): void {
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, at + CHECKSUM[0], 'latin1');
}

/** Cuts what is longer than its field: a pax record has it whole. */
export function writeText({ bytes, at }: Block, [offset, length]: Field, text: string): void {
  bytes.write(text, at + offset, length, 'utf8');
}

/** A number that does not fit is the field's greatest, one below 0 is 0: a pax record has the true one. */
export function writeOctal({ bytes, at }: Block, [offset, length]: Field, value: number | bigint): void {
  const digits = length - 1;
  const text = value < 0 ? '' : value.toString(8);
  const field = text.length > digits ? '7'.repeat(digits) : text.padStart(digits, '0');
  bytes.write(field, at + offset, digits, 'latin1');
}

/** The sum of the block's bytes, with spaces for the sum itself. */
export function checksum(block: Block): number {
  return fieldSum(block, [0, TAR_BLOCK]) - fieldSum(block, CHECKSUM) + CHECKSUM[1] * 0x20;
}

export function fieldSum({ bytes, at }: Block, [offset, length]: Field): number {
  let sum = 0;
  for (let index = at + offset; index < at + offset + length; index += 1) {
    sum += bytes[index] ?? 0;
  }
  return sum;
}

export function readText(bytes: Buffer, at: number, [offset, length]: Field): string {
  const begin = at + offset;
  const end = bytes.indexOf(0, begin);
  return bytes.toString('utf8', begin, end < 0 ? begin + length : Math.min(end, begin + length));
}

/** NaN where something else stands. */
export function readOctal(bytes: Buffer, at: number, [offset, length]: Field): number {
  let value = 0;
  for (let index = at + offset; index < at + offset + length - 1; index += 1) {
    const digit = (bytes[index] ?? 0) - '0'.charCodeAt(0);
    value = digit >= 0 && digit <= 7 ? value * 8 + digit : Number.NaN;
  }
  return value;
}
