/**
 * The logs of a tar, put by until their messages come: in a tar they stand anywhere, and in the archive right behind
 * their message. An unnamed file has their bytes; the memory has one number for each log.
 */

import type { LogCopy } from '../archive/message-copy.ts';
import type { FileMetadata } from '../format/file-metadata.ts';
import type { FileSystem } from '../fs/file-system.ts';
import { readFully } from '../fs/read-fully.ts';
import { LOG_QUEUES, type LogQueueName } from '../queue/queue-name.ts';
import { Column } from '../table/column.ts';

/** Bytes of the head of a record: how long its description is, and its content. */
const HEAD_SIZE = 16;

/** What is kept of a log besides its content. */
interface Description {
  readonly depth: number;
  readonly metadata: Omit<FileMetadata, 'mtimeNs' | 'atimeNs' | 'inode'> & { readonly mtimeNs: string };
}

export class HeldLogs {
  readonly #fs: Pick<FileSystem, 'read' | 'write'>;
  readonly #fd: number;
  #end = 0;
  /** Of each ID and log queue, where the record begins, plus one; 0 where there is none. */
  readonly #slots = new Column((length) => new Float64Array(length));

  /** @param fd - an empty file, open for reading and writing; the caller closes it */
  constructor(fs: Pick<FileSystem, 'read' | 'write'>, fd: number) {
    this.#fs = fs;
    this.#fd = fd;
  }

  /**
   * Puts a log by; one of the same queue that the ID has already is replaced.
   *
   * @param id - the number of its queue ID
   * @returns whether one was replaced
   */
  add(id: number, log: LogCopy): boolean {
    const { atimeNs: _atime, inode: _inode, ...kept } = log.metadata;
    const description: Description = { depth: log.depth, metadata: { ...kept, mtimeNs: String(kept.mtimeNs) } };
    const text = Buffer.from(JSON.stringify(description));
    const head = Buffer.alloc(HEAD_SIZE);
    head.writeDoubleLE(text.length, 0);
    head.writeDoubleLE(log.content.length, HEAD_SIZE / 2);
    const slot = this.#slot(id, log.queueName);
    const isReplaced = (this.#slots.values[slot] ?? 0) !== 0;
    this.#slots.values[slot] = this.#end + 1;
    for (const bytes of [head, text, log.content]) {
      this.#fs.write(this.#fd, bytes, this.#end);
      this.#end += bytes.length;
    }
    return isReplaced;
  }

  /** The logs of an ID. */
  logsOf(id: number): LogCopy[] {
    return LOG_QUEUES.flatMap((queueName) => {
      const slot = this.#slots.values[this.#slot(id, queueName)] ?? 0;
      return slot === 0 ? [] : [this.#read(slot - 1, queueName)];
    });
  }

  #read(at: number, queueName: LogQueueName): LogCopy {
    const head = this.#bytes(at, HEAD_SIZE);
    const [textLength, length] = [head.readDoubleLE(0), head.readDoubleLE(HEAD_SIZE / 2)];
    const text = this.#bytes(at + HEAD_SIZE, textLength).toString();
    const { depth, metadata }: Description = JSON.parse(text);
    const mtimeNs = BigInt(metadata.mtimeNs);
    return {
      queueName,
      depth,
      metadata: { ...metadata, mtimeNs, atimeNs: mtimeNs, inode: 0n },
      content: this.#bytes(at + HEAD_SIZE + textLength, length),
    };
  }

  #bytes(at: number, length: number): Buffer {
    const bytes = Buffer.alloc(length);
    if (readFully(this.#fs, this.#fd, { into: bytes, position: at }).length < length) {
      throw new Error('a temporary file has become shorter');
    }
    return bytes;
  }

  #slot(id: number, queueName: LogQueueName): number {
    const slot = id * LOG_QUEUES.length + LOG_QUEUES.indexOf(queueName);
    this.#slots.reserve(slot + 1);
    return slot;
  }
}
