/** Where an archive is, as an operation is told. Plain data. */

import { dirname } from 'node:path';

/**
 * A file, by its path; a stream: standard input for what reads an archive, standard output for what writes one; or a pipe or
 * an open descriptor, by its path.
 */
export type ArchiveLocation =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'stream' }
  | { readonly kind: 'pipe'; readonly path: string };

/** A new archive that has no name yet: a plain file that somebody else has opened, empty, and gives a name to. */
export interface ArchiveDraft {
  readonly kind: 'draft';
  /** Open for writing. */
  readonly fd: number;
  /** A directory with room for the catalogue while it is made. */
  readonly directory: string;
  /** How messages name it. */
  readonly path: string;
}

/** The directory that the archive comes to be in; undefined of a stream or a pipe. */
export function directoryOf(location: ArchiveLocation | ArchiveDraft): string | undefined {
  switch (location.kind) {
    case 'file':
      return dirname(location.path);
    case 'draft':
      return location.directory;
    case 'stream':
    case 'pipe':
      return undefined;
  }
}

/** A string is a path, whatever it is. */
export function archiveLocation<Location extends ArchiveLocation | ArchiveDraft>(
  archive: string | Location,
): Location | { readonly kind: 'file'; readonly path: string } {
  return typeof archive === 'string' ? { kind: 'file', path: archive } : archive;
}
