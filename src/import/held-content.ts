/** The content of an entry, whole, so that it can be examined and then packed: small in memory, big in an unnamed file. */

import { createHash } from 'node:crypto';
import { type ByteSource, bytesSource } from '../byte-source.ts';
import { DescriptorSource } from '../fs/descriptor-source.ts';
import type { FileSystem } from '../fs/file-system.ts';
import type { TarEntry } from './tar-entries.ts';

export interface HeldContent {
  readonly source: ByteSource;
  readonly sha256: string;
  /** The same bytes, for a packer. */
  readonly content: Uint8Array | Iterable<Uint8Array>;
}

export interface ContentRoom {
  readonly fs: FileSystem;
  /** Gives an empty unnamed file, open for reading and writing. */
  readonly openUnnamed: () => number;
}

/** Most mail has less: bigger messages are written once more. */
const MEMORY_MAXIMUM = 16 * 1024 * 1024;
const PIECE_SIZE = 1024 * 1024;

/** Reads an entry to its end, then gives its content to `use`. */
export async function withContent<Result>(
  entry: TarEntry,
  room: ContentRoom,
  use: (content: HeldContent) => Result,
): Promise<Result> {
  if (entry.size <= MEMORY_MAXIMUM) {
    const bytes = await wholeContent(entry);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return use({ source: bytesSource(bytes), sha256, content: bytes });
  }
  const fd = room.openUnnamed();
  try {
    const hash = createHash('sha256');
    let size = 0;
    for await (const piece of entry.content) {
      hash.update(piece);
      room.fs.write(fd, piece, size);
      size += piece.length;
    }
    const source = new DescriptorSource(room.fs, fd, size);
    return use({ source, sha256: hash.digest('hex'), content: { [Symbol.iterator]: () => pieces(source) } });
  } finally {
    room.fs.close(fd);
  }
}

/** An entry's content in memory. */
export async function wholeContent(entry: TarEntry): Promise<Uint8Array> {
  const read: Uint8Array[] = [];
  for await (const piece of entry.content) {
    read.push(piece);
  }
  return Buffer.concat(read);
}

function* pieces(source: ByteSource): Generator<Uint8Array, void, undefined> {
  for (let at = 0; at < source.size; at += PIECE_SIZE) {
    yield source.read(at, PIECE_SIZE);
  }
}
