import { constants } from 'node:fs';
import type { FileSystem } from './file-system.ts';

const CHUNK_BYTES = 64 * 1024;
const NEWLINE = 0x0a;

/**
 * The complete lines of a file, without their newlines, a chunk in memory at a time. What follows the last newline is a
 * write that was cut off: it is not given.
 */
export function* readLines(fs: FileSystem, path: string): Generator<string> {
  const fd = fs.open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
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
    }
  } finally {
    fs.close(fd);
  }
}
