/**
 * Opens what stands below a queue directory, as root, though the names in there are mail_owner's to change at any moment:
 * each directory is opened from the one above it, and no link is followed anywhere.
 *
 * Node.js has no openat(2); /proc/self/fd/N/NAME is the same. Where there is no /proc, root opens nothing for others.
 */

import type { FileSystem } from '../fs/file-system.ts';
import { O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } from '../fs/open-flags.ts';

const DIRECTORY_FLAGS = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK;
const FILE_FLAGS = O_RDONLY | O_NOFOLLOW | O_NONBLOCK;

/**
 * @param path below the queue directory, of names that were checked
 * @returns a descriptor for reading; the caller closes it
 */
export function openBelow(
  fs: Pick<FileSystem, 'open' | 'close'>,
  queueDirectory: string,
  { path, isDirectory }: { readonly path: string; readonly isDirectory: boolean },
): number {
  const directories = path.split('/');
  const name = directories.pop() ?? '';
  let fd = fs.open(`${queueDirectory}/.`, O_RDONLY | O_DIRECTORY | O_NONBLOCK);
  try {
    for (const directory of directories) {
      const next = fs.open(`/proc/self/fd/${fd}/${directory}`, DIRECTORY_FLAGS);
      fs.close(fd);
      fd = next;
    }
    return fs.open(`/proc/self/fd/${fd}/${name}`, isDirectory ? DIRECTORY_FLAGS : FILE_FLAGS);
  } finally {
    fs.close(fd);
  }
}
