/** Writing a file anew under a name that others read. */

import { basename, dirname, join } from 'node:path';
import { fsyncDirectory } from './durable.ts';
import type { FileSystem } from './file-system.ts';
import { createUnique, safeRename, safeUnlink } from './nfs-safe.ts';
import { systemError } from './system-error.ts';

export interface Replacement {
  readonly content: Uint8Array;
  /** Of the new file. */
  readonly mode: number;
}

/**
 * Writes a file anew, at once: whoever reads the name gets the old content or the new one, also after a crash. A link that
 * has the name is replaced, and not followed. (replace-file.test.ts, "is the old one or the new one, whole, if cut off")
 *
 * @param randomName - another text at each call, fit for a file name
 * @throws SystemError: the old file is as it was
 */
export function replaceFile(
  fs: FileSystem,
  path: string,
  { content, mode, randomName }: Replacement & { readonly randomName: () => string },
): void {
  try {
    const nextPath = () => join(dirname(path), `.${basename(path)}.${randomName()}.tmp`);
    const temporary = createUnique(fs, nextPath, 0o600);
    try {
      writeAndClose(fs, temporary.fd, { content, mode });
      safeRename(fs, temporary.path, path);
    } catch (error) {
      safeUnlink(fs, temporary.path);
      throw error;
    }
    fsyncDirectory(fs, dirname(path));
  } catch (error) {
    throw systemError(error, { action: "can't write", path });
  }
}

function writeAndClose(fs: FileSystem, fd: number, { content, mode }: Replacement): void {
  try {
    fs.write(fd, content);
    fs.fchmod(fd, mode);
    fs.fsync(fd);
  } finally {
    fs.close(fd);
  }
}
