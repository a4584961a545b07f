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
  /**
   * Writes, or holds back until there is more.
   *
   * @throws OutputClosed: the reader has closed the pipe
   * @throws SystemError `io`: the system refuses the write (disk full ...)
   */
  write(content: string | Uint8Array): void;
  /** Writes what is held back, as `write` does; to be called before the process ends. */
  flush(): void;
}

const BUFFER_SIZE = 64 * 1024;

/**
 * Writes with plain synchronous calls, so that memory does not grow when the reader is slower than we are, and nothing
 * is lost when the process ends.
 */
export class BufferedOutput implements StandardOutput {
  readonly #fs: Pick<FileSystem, 'write'>;
  readonly #fd: number;
  readonly #refuseClosed: (fd: number) => void;
  #held: Uint8Array[] = [];
  #heldSize = 0;

  /** @param refuseClosed throws where the descriptor stands in for a stream that is closed: nothing may vanish there */
  constructor(fs: Pick<FileSystem, 'write'>, fd: number, refuseClosed: (fd: number) => void = () => undefined) {
    this.#fs = fs;
    this.#fd = fd;
    this.#refuseClosed = refuseClosed;
  }

  write(content: string | Uint8Array): void {
    // Callers may use their buffers again: what is held back must be a copy.
    const bytes = Buffer.from(content);
    this.#held.push(bytes);
    this.#heldSize += bytes.length;
    if (this.#heldSize >= BUFFER_SIZE) {
      this.flush();
    }
  }

  flush(): void {
    const chunks = this.#held;
    this.#held = [];
    this.#heldSize = 0;
    if (chunks.length === 0) {
      return;
    }
    this.#refuseClosed(this.#fd);
    try {
      this.#fs.write(this.#fd, Buffer.concat(chunks));
    } catch (error) {
      throw outputError(error);
    }
  }
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
