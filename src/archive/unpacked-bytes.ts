/** The bytes of a file that may be packed by gzip or zstd, unpacked, in pieces. */

import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { ByteSource } from '../byte-source.ts';
import { ArchiveError, OperatorError } from '../errors.ts';
import { type ForeignPacking, foreignPackingOf, packingOf } from './magic.ts';
import { INFLATER_WINDOW_MAXIMUM, loadZstdInflater } from './zstd/wasm-codec.ts';
import { frameWindow } from './zstd/zstd-frame.ts';

const PIECE_SIZE = 256 * 1024;
/** A tar has what it is known by within 512 bytes; a zstd frame's header has 18 at most. */
const BEGINNING = 512;

/** What unpacks to standard output what postsnap does not unpack itself. */
const UNPACKERS: Readonly<Record<ForeignPacking, string>> = {
  bzip2: 'bzip2 -dc',
  xz: 'xz -dc',
  lz4: 'lz4 -dc',
  zip: 'unzip -p',
  age: 'age -d',
};

/** A file that can be read from its beginning, as often as it is asked for. */
export interface PackedBytes {
  /** How it is named in messages. */
  readonly name: string;
  readonly source: ByteSource;
  /** Told how much of the source was read. */
  readonly onRead: (bytes: number) => void;
  /** What to do where `command FILE` unpacks it, and postsnap does not. */
  readonly nextStep: (command: string) => string;
}

/**
 * Gives the unpacked bytes. What is cut off just ends.
 *
 * @throws ArchiveError `damaged`: it can't be unpacked
 * @throws OperatorError `usage`: it is packed in a way that postsnap does not unpack
 */
export async function* unpackedBytes(packed: PackedBytes): AsyncGenerator<Uint8Array, void, undefined> {
  const beginning = Uint8Array.from(packed.source.read(0, BEGINNING));
  refuseForeign(packed, beginning);
  switch (packingOf(beginning)) {
    case 'gzip':
      yield* gunzipped(packed);
      return;
    case 'zstd':
      yield* inflated(packed);
      return;
    case 'plain':
      yield* pieces(packed);
  }
}

function refuseForeign({ name, nextStep }: PackedBytes, beginning: Uint8Array): void {
  const packing = foreignPackingOf(beginning);
  if (packing !== undefined) {
    throw new OperatorError('usage', `${name} is packed by ${packing}`, {
      nextStep: nextStep(UNPACKERS[packing]),
    });
  }
  const window = packingOf(beginning) === 'zstd' ? (frameWindow(beginning) ?? 0) : 0;
  if (window > INFLATER_WINDOW_MAXIMUM) {
    throw new OperatorError(
      'usage',
      `${name} was packed by zstd --ultra or --long, which takes more memory to unpack`,
      {
        nextStep: nextStep('zstd -dc --long=31'),
      },
    );
  }
}

/** Copies: who takes them may hold them for longer than the source does. */
function* pieces({ source, onRead }: PackedBytes): Generator<Uint8Array, void, undefined> {
  for (let at = 0; at < source.size; ) {
    const piece = Uint8Array.from(source.read(at, PIECE_SIZE));
    if (piece.length === 0) {
      return;
    }
    at += piece.length;
    onRead(at);
    yield piece;
  }
}

const CUT_OFF = 'Z_BUF_ERROR';

async function* gunzipped(packed: PackedBytes): AsyncGenerator<Uint8Array, void, undefined> {
  const gunzip = createGunzip();
  // Its errors come out of the iteration.
  pipeline(Readable.from(pieces(packed), { objectMode: true }), gunzip, () => undefined);
  try {
    for await (const piece of gunzip) {
      yield Buffer.isBuffer(piece) ? piece : Buffer.from(String(piece));
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code === CUT_OFF) {
      return;
    }
    throw code.startsWith('Z_')
      ? new ArchiveError('damaged', `what gzip compressed is damaged`, { cause: error })
      : error;
  } finally {
    gunzip.destroy();
  }
}

async function* inflated(packed: PackedBytes): AsyncGenerator<Uint8Array, void, undefined> {
  const inflater = await loadZstdInflater();
  try {
    for (const piece of pieces(packed)) {
      yield* inflater.push(piece);
    }
  } finally {
    inflater.free();
  }
}
