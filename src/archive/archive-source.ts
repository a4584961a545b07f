/**
 * The bytes of an archive, wherever they are. All that reads archives reads from a source; where the bytes come from is
 * known here alone. What a source was opened from is plain data, its origin: a worker thread opens a source of its own
 * from it, since a source serves one reader.
 */

import { type ByteSource, beginningOf } from '../byte-source.ts';
import { DescriptorSource } from '../fs/descriptor-source.ts';
import type { FileSystem } from '../fs/file-system.ts';

/** Plain data: it may be sent to a worker, whose threads share the descriptors of the process. */
export interface ArchiveOrigin {
  /** The archive's file, open for reading. */
  readonly fd: number;
}

/** The bytes of an archive that is open. */
export class ArchiveSource implements ByteSource {
  readonly origin: ArchiveOrigin;
  readonly #fs: FileSystem;
  readonly #bytes: ByteSource;
  #isOpen = true;

  /** Takes over an open file, which may be a child's own descriptor for what its parent has opened. */
  constructor(fs: FileSystem, fd: number, size?: number) {
    this.origin = { fd };
    this.#fs = fs;
    const bytes = openOrigin(fs, this.origin);
    this.#bytes = size === undefined ? bytes : beginningOf(bytes, size);
  }

  /** The first bytes alone, for a reader in this thread. It need not be closed. */
  beginning(size: number): ArchiveSource {
    return new ArchiveSource(this.#fs, this.origin.fd, size);
  }

  get size(): number {
    return this.#bytes.size;
  }

  read(offset: number, length: number): Uint8Array {
    return this.#bytes.read(offset, length);
  }

  /** Closes what the origin names; sources that others opened from it are of no use then. */
  close(): void {
    if (this.#isOpen) {
      this.#isOpen = false;
      this.#fs.close(this.origin.fd);
    }
  }
}

/** Another source of the same bytes, for another reader. Whoever made the origin closes it. */
export function openOrigin(fs: FileSystem, { fd }: ArchiveOrigin): ByteSource {
  return new DescriptorSource(fs, fd, fs.fstat(fd).size);
}
