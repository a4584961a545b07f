/** Where an archive is, as an operation is told. Plain data. */

/** A file, by its path; or a stream: standard input for what reads an archive, standard output for what writes one. */
export type ArchiveLocation = { readonly kind: 'file'; readonly path: string } | { readonly kind: 'stream' };

/** A string is a path, whatever it is. */
export function archiveLocation(archive: string | ArchiveLocation): ArchiveLocation {
  return typeof archive === 'string' ? { kind: 'file', path: archive } : archive;
}
