/** Standard output, written by synchronous calls. */

import { SystemError } from '../../errors.ts';
import { errnoText } from '../../fs/errno-text.ts';
import type { FileSystem } from '../../fs/file-system.ts';
import { errnoOf } from '../../fs/system-error.ts';

/** Whoever read our stdout has gone: nothing is wrong with the archive or the queue, and there is nobody to tell. */
export class OutputClosed extends Error {
  override readonly name = 'OutputClosed';
}

/** Where a command's result goes. */
export interface StandardOutput {
  write(content: string | Uint8Array): void;
  /** Writes what is held back; to be called before the process ends. */
  flush(): void;
}

const BUFFER_SIZE = 64 * 1024;

/**
 * Writes with plain synchronous calls, so that memory does not grow when the reader is slower than we are, and nothing
 * is lost when the process ends.
 *
 * @param refuseClosed throws where the descriptor stands in for a stream that is closed: nothing may vanish there.
 * @throws {OutputClosed} when the reader has closed the pipe.
 * @throws {SystemError} code `io` when the system refuses the write (disk full ...).
 */
export function standardOutput(
  fs: Pick<FileSystem, 'write'>,
  fd: number,
  refuseClosed: (fd: number) => void = () => undefined,
): StandardOutput {
  let held: Uint8Array[] = [];
  let heldSize = 0;
  function flush(): void {
    const chunks = held;
    held = [];
    heldSize = 0;
    if (chunks.length === 0) {
      return;
    }
    refuseClosed(fd);
    try {
      fs.write(fd, Buffer.concat(chunks));
    } catch (error) {
      throw outputError(error);
    }
  }
  return {
    write(content) {
      // Callers may use their buffers again: what is held back must be a copy.
      const bytes = Buffer.from(content);
      held.push(bytes);
      heldSize += bytes.length;
      if (heldSize >= BUFFER_SIZE) {
        flush();
      }
    },
    flush,
  };
}

function outputError(cause: unknown): unknown {
  const errno = errnoOf(cause);
  if (errno === undefined) {
    return cause;
  }
  if (errno === 'EPIPE') {
    return new OutputClosed('the reader of stdout has gone', { cause });
  }
  return new SystemError('io', `can't write to stdout: ${errnoText(errno)}`, {
    errno,
    cause,
    nextStep: 'Make room, or send the output elsewhere.',
  });
}
