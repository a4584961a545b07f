/**
 * Tar headers made quickly: most of a header is the same from file to file, and so is the sum of those bytes. What comes
 * out is what headerBlock() makes of the same description, byte for byte.
 */

import type { EntryDescription, FileMetadata } from '../format/file-metadata.ts';
import {
  type Block,
  checksum,
  fieldSum,
  headerBlock,
  MTIME,
  NAME,
  SIZE,
  TAR_BLOCK,
  writeChecksum,
  writeOctal,
  writeText,
} from './ustar-header.ts';

const EXTENDED_HEADER_NAME = 'PaxHeaders/entry';
const NANOSECONDS = 1_000_000_000n;

/** A header without what differs from file to file, and the sum of its bytes, with spaces for the sum. */
interface Template {
  readonly block: Buffer;
  readonly sum: number;
}

/** The files of a queue have few owners and modes. */
const TEMPLATES_MAXIMUM = 64;

/** The headers that one reader or writer of entries has made. */
export class HeaderTemplates {
  /** The header of the records depends on their size alone, and there are few sizes. */
  readonly #extended = new Map<number, Buffer>();
  readonly #templates = new Map<string, Template>();
  readonly #expected = Buffer.alloc(TAR_BLOCK);

  /** The header of pax records of this many bytes. */
  extended(size: number): Buffer {
    const known = this.#extended.get(size);
    if (known !== undefined) {
      return known;
    }
    const { bytes } = headerBlock({ name: EXTENDED_HEADER_NAME, type: 'x', size, mode: 0o600, mtimeSeconds: 0n });
    this.#extended.set(size, bytes);
    return bytes;
  }

  /** Writes the header of a file. */
  write(block: Block, { name, metadata }: EntryDescription): void {
    const template = this.#templateOf(metadata);
    block.bytes.set(template.block, block.at);
    writeText(block, NAME, name);
    writeOctal(block, SIZE, metadata.size);
    writeOctal(block, MTIME, metadata.mtimeNs / NANOSECONDS);
    writeChecksum(block, template.sum + fieldSum(block, NAME) + fieldSum(block, SIZE) + fieldSum(block, MTIME));
  }

  /** What the header of a file has to be; good until it is asked for the next. */
  expected(entry: EntryDescription): Buffer {
    this.write({ bytes: this.#expected, at: 0 }, entry);
    return this.#expected;
  }

  #templateOf({ mode, uid, gid, uname, gname }: FileMetadata): Template {
    const key = `${mode} ${uid} ${gid} ${uname ?? ''}\0${gname ?? ''}`;
    const known = this.#templates.get(key);
    if (known !== undefined) {
      return known;
    }
    if (this.#templates.size === TEMPLATES_MAXIMUM) {
      this.#templates.clear();
    }
    const block = headerBlock({ name: '', type: '0', size: 0, mode, mtimeSeconds: 0n, uid, gid, uname, gname });
    const template = { block: block.bytes, sum: checksum(block) - fieldSum(block, SIZE) - fieldSum(block, MTIME) };
    this.#templates.set(key, template);
    return template;
  }
}
