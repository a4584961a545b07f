/** An archive with bytes behind it that are none of it: appended by a mistake, or what a block device holds behind its end. */

import type { ByteSource } from '../byte-source.ts';
import { decodeSeekTable, decodeSeekTableFooter, SEEK_TABLE_FOOTER_SIZE, seekTableSize } from '../format/seek-table.ts';
import { readBytes } from './frame-reader.ts';
import { unlessDamaged } from './unless-damaged.ts';

/** The magic number of the skippable frame that the seek table is, with which it begins. */
const INDEX_MAGIC = Buffer.from([0x5e, 0x2a, 0x4d, 0x18]);
const MAGIC_AND_SIZE = 8;
/** How far from the end a seek table is looked for: 12 bytes are of a frame. */
const SEARCHED = 4 * 1024 * 1024;
/** Hostile content could hold any number of them. */
const TRIED_MAXIMUM = 16;

/** Where skippable frames end that begin near the end of the file, the last first. */
function* tables(source: ByteSource): Generator<Extent> {
  const start = Math.max(0, source.size - SEARCHED);
  const bytes = Buffer.from(readBytes(source, { offset: start, length: source.size - start }));
  for (let at = bytes.lastIndexOf(INDEX_MAGIC); at >= 0; at = at === 0 ? -1 : bytes.lastIndexOf(INDEX_MAGIC, at - 1)) {
    if (at + MAGIC_AND_SIZE <= bytes.length) {
      const end = start + at + MAGIC_AND_SIZE + bytes.readUInt32LE(at + 4);
      if (end <= source.size) {
        yield { from: start + at, end };
      }
    }
  }
}

/** Whether something of the form of a seek table fills the end of the file, damaged as it may be. */
export function endsInIndex(source: ByteSource): boolean {
  return [...tables(source)].some(({ end }) => end === source.size);
}

/**
 * Sizes that an archive has with which the file begins, by seek tables that account for each byte before them. Content may
 * hold what looks like one: only a seal proves that it is one.
 */
export function* sizesByIndex(source: ByteSource): Generator<number> {
  let tried = 0;
  for (const { from, end } of tables(source)) {
    if (end < source.size && isFooterOf(source, { from, end })) {
      tried += 1;
      if (unlessDamaged(() => decodeSeekTable(bytesOf(source, { from, end }), end)) !== undefined) {
        yield end;
      }
      if (tried === TRIED_MAXIMUM) {
        return;
      }
    }
  }
}

interface Extent {
  readonly from: number;
  readonly end: number;
}

function isFooterOf(source: ByteSource, { from, end }: Extent): boolean {
  const footer = { from: end - SEEK_TABLE_FOOTER_SIZE, end };
  const count = footer.from < from ? undefined : unlessDamaged(() => decodeSeekTableFooter(bytesOf(source, footer)));
  return count !== undefined && seekTableSize(count) === end - from;
}

function bytesOf(source: ByteSource, { from, end }: Extent): Uint8Array {
  return readBytes(source, { offset: from, length: end - from });
}
