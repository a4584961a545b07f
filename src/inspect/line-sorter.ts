/**
 * Sorts messages of a catalogue, of which there may be a million. The lines stand in a temporary file; in memory is of
 * each line where it stands, its arrival, and a key of at most {@link KEY_MAXIMUM} characters.
 */

import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { decodeCatalogueLine, type MessageLine } from '../format/catalogue-line.ts';
import type { FileSystem } from '../fs/file-system.ts';
import { systemError } from '../fs/system-error.ts';
import { openSpoolFile } from '../fs/unnamed-file.ts';
import { MESSAGE_QUEUES } from '../queue/queue-name.ts';
import type { SortKey } from './sort-key.ts';

/** Addresses that are alike so far are sorted by arrival. */
const KEY_MAXIMUM = 64;
/** Lines are written in pieces of about this size. */
const BUFFER_SIZE = 1_048_576;

interface Row {
  readonly key: number | string;
  readonly arrival: number;
  readonly offset: number;
  readonly length: number;
}

const KEYS: { readonly [Key in SortKey]: (line: MessageLine) => number | string } = {
  arrival: ({ arrival_time }) => arrival_time,
  size: ({ message_size }) => -message_size,
  sender: ({ sender }) => shortKey(sender),
  recipient: ({ recipients }) => shortKey(recipients[0]?.address ?? ''),
  queue: ({ queue_name }) => MESSAGE_QUEUES.indexOf(queue_name),
};

export class LineSorter {
  readonly #fs: FileSystem;
  readonly #fd: number;
  readonly #key: (line: MessageLine) => number | string;
  readonly #rows: Row[] = [];
  #held: Uint8Array[] = [];
  #heldSize = 0;
  #size = 0;

  constructor(fs: FileSystem, key: SortKey) {
    this.#fs = fs;
    this.#key = KEYS[key];
    this.#fd = openSpoolFile(fs, tmpdir(), () => randomBytes(6).toString('hex'));
  }

  add(line: MessageLine): void {
    const bytes = Buffer.from(JSON.stringify(line));
    const arrival = line.arrival_time + (line.arrival_microseconds ?? 0) / 1_000_000;
    this.#rows.push({ key: this.#key(line), arrival, offset: this.#size, length: bytes.length });
    this.#size += bytes.length;
    this.#held.push(bytes);
    this.#heldSize += bytes.length;
    if (this.#heldSize >= BUFFER_SIZE) {
      this.#flush();
    }
  }

  /** All lines that were added, in order. */
  *sorted(): Generator<MessageLine, void, undefined> {
    this.#flush();
    // Sorting keeps the order of what is alike.
    this.#rows.sort((one, other) => compare(one.key, other.key) || one.arrival - other.arrival);
    for (const row of this.#rows) {
      const line = decodeCatalogueLine(this.#read(row));
      if (line.kind === 'message') {
        yield line;
      }
    }
  }

  close(): void {
    this.#fs.close(this.#fd);
  }

  #read({ offset, length }: Row): string {
    const bytes = Buffer.alloc(length);
    for (let filled = 0; filled < length; ) {
      const range = { offset: filled, length: length - filled, position: offset + filled };
      const count = this.#fs.read(this.#fd, bytes, range);
      if (count === 0) {
        throw new Error('the temporary file is shorter than what was written to it');
      }
      filled += count;
    }
    return bytes.toString();
  }

  #flush(): void {
    if (this.#heldSize === 0) {
      return;
    }
    try {
      this.#fs.write(this.#fd, Buffer.concat(this.#held));
    } catch (error) {
      throw systemError(error, { action: "can't write a temporary file in", path: tmpdir() });
    }
    this.#held = [];
    this.#heldSize = 0;
  }
}

function compare(one: number | string, other: number | string): number {
  return one === other ? 0 : one < other ? -1 : 1;
}

/** A copy: a part of a long text would keep all of it in memory. */
function shortKey(text: string): string {
  return Buffer.from(text.slice(0, KEY_MAXIMUM).toLowerCase()).toString();
}
