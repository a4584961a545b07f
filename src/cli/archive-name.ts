/** How messages to people name the archive: `-` is what they gave, but not what they mean. */
export function archiveName(archive: string, stream: 'stdin' | 'stdout'): string {
  return archive === '-' ? stream : archive;
}
