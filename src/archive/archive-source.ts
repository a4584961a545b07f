/**
 * The bytes of an archive, wherever they are. All that reads archives reads from a source; where the bytes come from is
 * known here alone. What a source was opened from is plain data, its origin: a worker thread opens a source of its own
 * from it, since a source serves one reader.
 */

import type { ByteSource } from '../byte-source.ts';
import { descriptorSource } from '../fs/descriptor-source.ts';
import type { FileSystem } from '../fs/file-system.ts';

/** Plain data: it may be sent to a worker, whose threads share the descriptors of the process. */
export interface ArchiveOrigin {
  /** The archive's file, open for reading. */
  readonly fd: number;
}

/** The bytes of an archive that is open. */
export interface ArchiveSource extends ByteSource {
  readonly origin: ArchiveOrigin;
  /** Closes what the origin names; sources that others opened from it are of no use then. */
  close(): void;
}

/** Takes over an open file, which may be a child's own descriptor for what its parent has opened. */
export function archiveSource(fs: FileSystem, fd: number): ArchiveSource {
  const origin: ArchiveOrigin = { fd };
  let isOpen = true;
  return {
    ...openOrigin(fs, origin),
    origin,
    close() {
      if (isOpen) {
        isOpen = false;
        fs.close(fd);
      }
    },
  };
}

/** Another source of the same bytes, for another reader. Whoever made the origin closes it. */
export function openOrigin(fs: FileSystem, { fd }: ArchiveOrigin): ByteSource {
  return descriptorSource(fs, fd, fs.fstat(fd).size);
}
