/**
 * The content of a message's copy: of one moment, though Postfix marks recipients done in the file meanwhile. A file that
 * fits into memory is read once. A bigger one is read twice, for its digests and for the archive: the bytes that Postfix
 * rewrites in place are kept from the first reading and laid over the second.
 */

import { createHash, hash } from 'node:crypto';
import { type ByteSource, bytesSource } from '../byte-source.ts';
import type { MessageQueueName } from '../queue/queue-name.ts';
import { examineQueueFile, type QueueFileExamination } from '../record/examine.ts';
import { Fingerprint, fingerprintOfHashed } from '../record/fingerprint.ts';
import { type Lineage, lineageOf } from '../record/lineage.ts';
import { MUTABLE_LENGTH_MAXIMUM, type MutableRanges } from '../record/mutable-bytes.ts';
import { RECORD_TYPE } from '../record/record-type.ts';
import type { OpenQueueFile } from '../spool/read-file.ts';

/** Files up to this size are read at once: what message_size_limit allows by default, and more. */
export const WHOLE_FILE_MAXIMUM = 16_777_216;
const WINDOW_SIZE = 1024 * 1024;

export interface MessageContent {
  readonly examination: QueueFileExamination;
  readonly size: number;
  readonly sha256: string;
  readonly fingerprint: string;
  /** Undefined where its arrival is not told to the microsecond. */
  readonly lineage: Lineage | undefined;
  readonly content: Uint8Array | Iterable<Uint8Array>;
}

export interface ContentOptions {
  readonly queueName: MessageQueueName;
  /** Default {@link WHOLE_FILE_MAXIMUM}. */
  readonly wholeFileMaximum?: number;
}

/** Reads a message, its logs aside. Throws what reading throws. */
export function readContent(file: OpenQueueFile, { queueName, wholeFileMaximum }: ContentOptions): MessageContent {
  return file.status.size <= (wholeFileMaximum ?? WHOLE_FILE_MAXIMUM)
    ? readWhole(file, queueName)
    : readTwice(file, queueName);
}

function readWhole(file: OpenQueueFile, queueName: MessageQueueName): MessageContent {
  const content = file.read(0, file.status.size);
  const source = bytesSource(content);
  const examination = examineQueueFile(source, queueName);
  const { mutableBytes } = examination;
  const sha256 = hash('sha256', content);
  const fingerprint = fingerprintOfHashed(source, mutableBytes, sha256);
  const lineage = lineageOf(examination, source);
  return { examination, size: content.length, sha256, fingerprint, lineage, content };
}

function readTwice(file: OpenQueueFile, queueName: MessageQueueName): MessageContent {
  const examination = examineQueueFile(new WindowedFile(file), queueName);
  const sha256 = createHash('sha256');
  const fingerprint = new Fingerprint(examination.mutableBytes);
  const kept = new KeptBytes(examination.mutableBytes);
  let size = 0;
  for (const piece of file.pieces()) {
    sha256.update(piece);
    fingerprint.update(piece);
    kept.keep(piece, size);
    size += piece.length;
  }
  return {
    examination,
    size,
    sha256: sha256.digest('hex'),
    fingerprint: fingerprint.digest(),
    lineage: keptLineage(file, queueName, { examination, kept }),
    content: { [Symbol.iterator]: () => secondReading(file, kept) },
  };
}

/** The lineage of what is kept: a recipient may have been marked done after the examination. */
function keptLineage(
  file: OpenQueueFile,
  queueName: MessageQueueName,
  { examination, kept }: { readonly examination: QueueFileExamination; readonly kept: KeptBytes },
): Lineage | undefined {
  const isUnchanged = kept.count(RECORD_TYPE.done) === examination.envelope.recipientsDone;
  const source = new WindowedFile({
    status: file.status,
    read: (offset, length) => kept.layOver(file.read(offset, length), offset),
  });
  return lineageOf(isUnchanged ? examination : examineQueueFile(source, queueName), source);
}

function* secondReading(file: OpenQueueFile, kept: KeptBytes): Generator<Uint8Array> {
  let offset = 0;
  for (const piece of file.pieces()) {
    yield kept.layOver(piece, offset);
    offset += piece.length;
  }
}

/** The bytes of ranges, as they were in one reading of the file. */
class KeptBytes {
  readonly #ranges: MutableRanges;
  /** Of all ranges, one behind the other. */
  readonly #bytes: Uint8Array;
  /** Where those of each range begin. */
  readonly #starts: Uint32Array;

  constructor(ranges: MutableRanges) {
    this.#ranges = ranges.inFileOrder();
    this.#bytes = new Uint8Array(ranges.byteCount);
    this.#starts = new Uint32Array(ranges.count);
    for (let number = 1; number < ranges.count; number += 1) {
      this.#starts[number] = (this.#starts[number - 1] ?? 0) + this.#ranges.length(number - 1);
    }
  }

  /** Keeps what a piece of the file has of the ranges. */
  keep(piece: Uint8Array, offset: number): void {
    this.#eachShared(piece, offset, (kept, shown) => kept.set(shown));
  }

  /** Puts into a piece of the file what was kept. @returns the piece. */
  layOver(piece: Uint8Array, offset: number): Uint8Array {
    this.#eachShared(piece, offset, (kept, shown) => shown.set(kept));
    return piece;
  }

  /** How many ranges of one byte hold this one. */
  count(byte: number): number {
    let found = 0;
    for (let number = 0; number < this.#ranges.count; number += 1) {
      const isByte = this.#ranges.length(number) === 1 && this.#bytes[this.#starts[number] ?? 0] === byte;
      found += isByte ? 1 : 0;
    }
    return found;
  }

  /** Gives for each range that lies in a piece what is kept and what is shown of the bytes that both have. */
  #eachShared(piece: Uint8Array, offset: number, give: (kept: Uint8Array, shown: Uint8Array) => void): void {
    const ranges = this.#ranges;
    const end = offset + piece.length;
    for (let number = this.#firstNear(offset); number < ranges.count && ranges.offset(number) < end; number += 1) {
      const start = ranges.offset(number);
      const from = Math.max(start, offset);
      const to = Math.min(start + ranges.length(number), end);
      if (from < to) {
        const at = (this.#starts[number] ?? 0) + from - start;
        give(this.#bytes.subarray(at, at + to - from), piece.subarray(from - offset, to - offset));
      }
    }
  }

  /** The first range that may reach to an offset: by halves, since pieces may be asked for in any order. */
  #firstNear(offset: number): number {
    let [low, high] = [0, this.#ranges.count];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#ranges.offset(middle) + MUTABLE_LENGTH_MAXIMUM <= offset) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}

/** A file as a source of bytes, a window of it in memory. */
class WindowedFile implements ByteSource {
  readonly size: number;
  readonly #file: Pick<OpenQueueFile, 'read'>;
  #start = 0;
  #window: Uint8Array = new Uint8Array(0);

  constructor(file: Pick<OpenQueueFile, 'status' | 'read'>) {
    this.size = file.status.size;
    this.#file = file;
  }

  read(offset: number, length: number): Uint8Array {
    if (offset < this.#start || offset + length > this.#start + this.#window.length) {
      this.#window = this.#file.read(offset, Math.max(length, WINDOW_SIZE));
      this.#start = offset;
    }
    return this.#window.subarray(offset - this.#start, offset - this.#start + length);
  }
}
