/** The lines of a file, a chunk of it in memory at a time. */

import { SystemError } from '../errors.ts';
import type { FileSystem } from './file-system.ts';
import { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } from './open-flags.ts';

const CHUNK_BYTES = 64 * 1024;
const NEWLINE = 0x0a;
/** Nothing that postsnap writes comes near it; memory must not grow with what others may have put there. */
const LONGEST_LINE_BYTES = 1024 * 1024;

/**
 * The complete lines of a file, without their newlines, a chunk in memory at a time. What follows the last newline is a
 * write that was cut off: it is not given.
 *
 * @throws SystemError `refused`: it is no regular file, or has a line longer than a megabyte
 */
export function* readLines(fs: FileSystem, path: string): Generator<string> {
  // Not blocking: to open a FIFO would wait for its writer.
  const fd = fs.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    if (fs.fstat(fd).type !== 'file') {
      throw notOurs(path, 'is no regular file');
    }
    let rest: Buffer<ArrayBufferLike> = Buffer.alloc(0);
    for (let position = 0; ; ) {
      const chunk = Buffer.alloc(CHUNK_BYTES);
      const count = fs.read(fd, chunk, { offset: 0, length: CHUNK_BYTES, position });
      if (count === 0) {
        return;
      }
      position += count;
      rest = Buffer.concat([rest, chunk.subarray(0, count)]);
      let start = 0;
      for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE, start)) {
        yield rest.toString('utf8', start, end);
        start = end + 1;
      }
      rest = rest.subarray(start);
      if (rest.length > LONGEST_LINE_BYTES) {
        throw notOurs(path, 'has lines too long to be read');
      }
    }
  } finally {
    fs.close(fd);
  }
}

function notOurs(path: string, what: string): SystemError {
  return new SystemError('refused', `${path} ${what}, and was not made by postsnap`, {
    path,
    errno: 'EINVAL',
    nextStep: 'Move it away, and run the same command again.',
  });
}
