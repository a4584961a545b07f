/**
 * The catalogue's lines while the archive is written: in a temporary file, since there may be millions. The file has no
 * name; it is gone with its descriptor.
 */

import type { FileSystem } from '../fs/file-system.ts';
import { isLogQueueName, isMessageQueueName, type QueueName } from '../queue/queue-name.ts';
import type { PendingLine } from './frame-packer.ts';

export interface SpooledLine extends PendingLine {
  readonly frame: number;
}

export interface CatalogueSpool {
  add(line: SpooledLine): void;
  /** All lines, in the order in which they were added. */
  lines(): Generator<SpooledLine, void, undefined>;
}

const BUFFER_SIZE = 256 * 1024;
const READ_SIZE = 1024 * 1024;
const SEPARATOR = '\t';
const LINE_FEED = 0x0a;
const FIELDS = 6;

/** @param fd a file of its own, open for reading and writing, empty. The caller closes it. */
export function createCatalogueSpool(fs: FileSystem, fd: number): CatalogueSpool {
  let buffered: string[] = [];
  let bufferedLength = 0;
  let size = 0;
  const flush = (): void => {
    const bytes = Buffer.from(buffered.join(''));
    fs.write(fd, bytes, size);
    size += bytes.length;
    buffered = [];
    bufferedLength = 0;
  };
  return {
    add(line) {
      const text = encodeSpooledLine(line);
      buffered.push(text);
      bufferedLength += text.length;
      if (bufferedLength >= BUFFER_SIZE) {
        flush();
      }
    },
    *lines() {
      flush();
      yield* readSpool(fs, fd, size);
    },
  };
}

/** JSON holds neither a tab nor a line feed as they are, nor do the other fields. */
function encodeSpooledLine({ kind, queueName, queueId, frame, fileSize, malformed, text }: SpooledLine): string {
  return `${[kind, queueName, queueId, frame, fileSize, malformed ? 1 : 0, text].join(SEPARATOR)}\n`;
}

function decodeSpooledLine(spooled: string): SpooledLine {
  const fields = spooled.split(SEPARATOR, FIELDS);
  const [kind, queueName, queueId, frame, fileSize, malformed] = fields;
  const text = spooled.slice(fields.join(SEPARATOR).length + 1);
  return {
    kind: kind === 'log' ? 'log' : 'message',
    queueName: asQueueName(queueName ?? ''),
    queueId: queueId ?? '',
    frame: Number(frame),
    fileSize: Number(fileSize),
    malformed: malformed === '1',
    text,
  };
}

function asQueueName(text: string): QueueName {
  if (isMessageQueueName(text) || isLogQueueName(text)) {
    return text;
  }
  throw new Error(`the spooled catalogue has been altered: ${text} is no queue`);
}

function* readSpool(fs: FileSystem, fd: number, size: number): Generator<SpooledLine, void, undefined> {
  let rest: Buffer<ArrayBufferLike> = Buffer.alloc(0);
  for (let position = 0; position < size; ) {
    const chunk = Buffer.alloc(Math.min(READ_SIZE, size - position));
    const count = fs.read(fd, chunk, { offset: 0, length: chunk.length, position });
    if (count === 0) {
      throw new Error('the spooled catalogue has been cut');
    }
    position += count;
    const bytes = Buffer.concat([rest, chunk.subarray(0, count)]);
    const end = bytes.lastIndexOf(LINE_FEED) + 1;
    rest = bytes.subarray(end);
    for (let at = 0; at < end; ) {
      const next = bytes.indexOf(LINE_FEED, at);
      yield decodeSpooledLine(bytes.toString('utf8', at, next));
      at = next + 1;
    }
  }
}
