/** Content of an entry that is used only once all of it is proven. */

import { tmpdir } from 'node:os';
import type { ArchivedFile } from '../archive/entry-reader.ts';
import { type ByteSource, bytesSource } from '../byte-source.ts';
import { DescriptorSource } from '../fs/descriptor-source.ts';
import type { FileSystem } from '../fs/file-system.ts';
import { openUnnamedFile } from '../fs/unnamed-file.ts';

/**
 * Gives an entry's content to `use` once all of it is proven: what comes in one piece from memory, what is bigger from
 * an unlinked temporary file, so that memory does not grow with the message.
 *
 * @throws ArchiveError `damaged`: the content is not what was written; `use` was not called.
 */
export function withProvenContent<Result>(
  fs: FileSystem,
  file: ArchivedFile,
  use: (source: ByteSource) => Result,
): Result {
  const pieces = file.pieces();
  const first = pieces.next();
  if (first.done === true) {
    return use(bytesSource(new Uint8Array(0)));
  }
  // The generator may use its buffer again, and it must be run to its end: only then is the content proven.
  if (first.value.length === file.metadata.size) {
    const bytes = Uint8Array.from(first.value);
    readToEnd(pieces);
    return use(bytesSource(bytes));
  }
  const fd = openUnnamedFile(fs, tmpdir());
  try {
    fs.write(fd, first.value);
    for (const piece of pieces) {
      fs.write(fd, piece);
    }
    return use(new DescriptorSource(fs, fd, file.metadata.size));
  } finally {
    fs.close(fd);
  }
}

/** Content is proven once all of it was read. */
export function readToEnd(pieces: Iterable<Uint8Array>): void {
  for (const _ of pieces) {
    // Only the end matters: it is reached if the digest fits.
  }
}
