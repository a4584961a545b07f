/** Where the entries of a sealed journal stand in their file: so they are read in any order, without the rest. */

import type { FileSystem } from '../fs/file-system.ts';
import { readLines } from '../fs/lines.ts';
import { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } from '../fs/open-flags.ts';
import { readFully } from '../fs/read-fully.ts';
import { Column } from '../table/column.ts';
import { decodeJournalLine, type JournalEntry } from './journal.ts';

/** Sixteen bytes an entry: there may be a million. */
export class EntryTable {
  readonly #fs: FileSystem;
  readonly #path: string;
  readonly #starts = new Column((length) => new Float64Array(length));
  readonly #lengths = new Column((length) => new Float64Array(length));
  #count = 0;

  /** Reads the journal through once. @param each told of each entry on the way */
  constructor(fs: FileSystem, path: string, each: (index: number, entry: JournalEntry) => void) {
    this.#fs = fs;
    this.#path = path;
    let position = 0;
    for (const text of readLines(fs, path)) {
      const length = Buffer.byteLength(text);
      const line = decodeJournalLine(text);
      if (line?.kind === 'end') {
        return;
      }
      if (line?.kind === 'entry') {
        this.#starts.reserve(this.#count + 1);
        this.#lengths.reserve(this.#count + 1);
        this.#starts.values[this.#count] = position;
        this.#lengths.values[this.#count] = length;
        each(this.#count, line.entry);
        this.#count += 1;
      }
      position += length + 1;
    }
  }

  /** These entries, in this order. */
  *entries(indexes: Iterable<number>): Generator<{ readonly index: number; readonly entry: JournalEntry }> {
    const fd = this.#fs.open(this.#path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    try {
      for (const index of indexes) {
        const bytes = Buffer.alloc(this.#lengths.values[index] ?? 0);
        readFully(this.#fs, fd, { into: bytes, position: this.#starts.values[index] ?? 0 });
        const line = decodeJournalLine(bytes.toString('utf8'));
        if (line?.kind === 'entry') {
          yield { index, entry: line.entry };
        }
      }
    } finally {
      this.#fs.close(fd);
    }
  }
}
