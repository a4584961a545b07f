/**
 * What a file is that is no archive of postsnap. Told once opening it has failed: a damaged archive of ours must not be
 * taken for something else, nor anything else for a damaged archive, which would send people to --salvage.
 */

import { constants, gunzipSync } from 'node:zlib';
import type { ByteSource } from '../byte-source.ts';
import { ArchiveError } from '../errors.ts';
import { WINDOW_MAXIMUM } from '../format/limits.ts';
import { readSeekTable } from './archive-ends.ts';
import { type ForeignPacking, foreignPackingOf, isTarHeader, packingOf } from './magic.ts';
import { findFrames } from './salvage/frame-scan.ts';
import { decodeEntryHeader } from './tar-entry.ts';
import { unlessDamaged } from './unless-damaged.ts';
import type { Codec } from './zstd/codec.ts';
import { INFLATER_WINDOW_MAXIMUM, loadZstdInflater } from './zstd/wasm-codec.ts';
import { frameWindow } from './zstd/zstd-frame.ts';

export type ForeignFile =
  | { readonly kind: 'empty' }
  | { readonly kind: 'tar'; readonly packing: 'plain' | 'gzip' | 'zstd' }
  /** Packed, and what is in it is no tar, or can't be told. */
  | { readonly kind: 'packed'; readonly packing: 'gzip' | 'zstd' | ForeignPacking }
  | { readonly kind: 'text' }
  | { readonly kind: 'unknown' };

/** What is read of a file to tell what it is. */
const BEGINNING = 256 * 1024;
/** A tar header has a block. */
const HEADER = 512;
/** More than the headers of an entry of ours take. */
const ENTRY_HEADERS = 8 * HEADER;
/** How far an entry of ours is looked for in a file that does not begin as an archive. */
const SEARCHED = 64 * 1024 * 1024;

/** What a file is, or undefined where it is an archive of postsnap, in whatever state. */
export async function foreignFile(source: ByteSource, codec: Codec): Promise<ForeignFile | undefined> {
  if (source.size === 0) {
    return { kind: 'empty' };
  }
  const beginning = Uint8Array.from(source.read(0, BEGINNING));
  const content = await unpackedBeginning(beginning);
  // Others write seekable zstd, too, but what they pack begins in another way.
  const packing = packingOf(beginning);
  const isBeginningLost = packing !== 'zstd' && hasSeekTable(source);
  // A first frame that nothing can be had of may have been anybody's: then it is not called foreign.
  const isUnreadable = packing === 'zstd' && content.length === 0 && isFamiliar(beginning);
  return isOurs(content) || isUnreadable || isBeginningLost || holdsOurs(source, codec)
    ? undefined
    : kindOf(beginning, content);
}

function kindOf(beginning: Uint8Array, content: Uint8Array): ForeignFile {
  const foreign = foreignPackingOf(beginning);
  const packing = packingOf(beginning);
  if (foreign !== undefined) {
    return { kind: 'packed', packing: foreign };
  }
  if (isTarHeader(content)) {
    return { kind: 'tar', packing };
  }
  if (packing !== 'plain') {
    return { kind: 'packed', packing };
  }
  return { kind: isText(beginning) ? 'text' : 'unknown' };
}

/** Whether a frame asks for no more memory than those that postsnap writes. */
function isFamiliar(beginning: Uint8Array): boolean {
  return (frameWindow(beginning) ?? 0) <= WINDOW_MAXIMUM;
}

/** UTF-8 without control characters but tab, line feed, form feed, carriage return and escape. */
function isText(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return bytes.every((byte) => byte >= 0x20 || [0x09, 0x0a, 0x0c, 0x0d, 0x1b].includes(byte));
  } catch {
    return false;
  }
}

/** What is unpacked of the first bytes; the bytes themselves where they are not packed. */
async function unpackedBeginning(beginning: Uint8Array): Promise<Uint8Array> {
  switch (packingOf(beginning)) {
    case 'plain':
      return beginning;
    case 'gzip':
      return gunzipped(beginning);
    case 'zstd':
      return inflated(beginning);
  }
}

function gunzipped(beginning: Uint8Array): Uint8Array {
  try {
    // Few bytes, so that little comes of them; what is cut off ends there.
    return gunzipSync(beginning.subarray(0, ENTRY_HEADERS), { finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    return new Uint8Array(0);
  }
}

async function inflated(beginning: Uint8Array): Promise<Uint8Array> {
  if ((frameWindow(beginning) ?? 0) > INFLATER_WINDOW_MAXIMUM) {
    return new Uint8Array(0);
  }
  const inflater = await loadZstdInflater();
  const pieces: Uint8Array[] = [];
  try {
    for (const piece of inflater.push(beginning)) {
      pieces.push(piece);
      if (pieces.reduce((sum, { length }) => sum + length, 0) >= ENTRY_HEADERS) {
        break;
      }
    }
  } catch (error) {
    if (!(error instanceof ArchiveError)) {
      throw error;
    }
  } finally {
    inflater.free();
  }
  return Buffer.concat(pieces);
}

/** Our entries begin with an extended header that no other tar writes so. */
function isOurs(content: Uint8Array): boolean {
  return unlessDamaged(() => decodeEntryHeader(content, 0)) !== undefined;
}

/** A seek table that accounts for every byte of the file: its beginning alone is damaged. */
function hasSeekTable(source: ByteSource): boolean {
  return unlessDamaged(() => readSeekTable(source)) !== undefined;
}

function holdsOurs(source: ByteSource, codec: Codec): boolean {
  const searched: ByteSource = { size: Math.min(source.size, SEARCHED), read: (at, length) => source.read(at, length) };
  for (const found of findFrames({ source: searched, codec })) {
    if (found.kind === 'frame' && isOurs(found.content)) {
      return true;
    }
  }
  return false;
}
