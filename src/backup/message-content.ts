/**
 * The content of a message's copy: of one moment, though Postfix marks recipients done in the file meanwhile. A file that
 * fits into memory is read once. A bigger one is read twice, for its digests and for the archive: the bytes that Postfix
 * rewrites in place are kept from the first reading and laid over the second.
 */

import { createHash, hash } from 'node:crypto';
import { type ByteSource, bytesSource } from '../byte-source.ts';
import type { MessageQueueName } from '../queue/queue-name.ts';
import { examineQueueFile, type QueueFileExamination } from '../record/examine.ts';
import { createFingerprint, fingerprintOfHashed, type MutableBytes } from '../record/fingerprint.ts';
import { type Lineage, lineageOf } from '../record/lineage.ts';
import { RECORD_TYPE } from '../record/record-type.ts';
import type { OpenQueueFile } from '../spool/read-file.ts';

/** Files up to this size are read at once: what message_size_limit allows by default, and more. */
const WHOLE_FILE_MAXIMUM = 16_777_216;
const PIECE_SIZE = 1024 * 1024;

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
  const source = windowed(file);
  const examination = examineQueueFile(source, queueName);
  const sha256 = createHash('sha256');
  const fingerprint = createFingerprint(examination.mutableBytes);
  const kept = examination.mutableBytes.map((range) => ({ ...range, bytes: new Uint8Array(range.length) }));
  let size = 0;
  for (const piece of pieces(file)) {
    sha256.update(piece);
    fingerprint.update(piece);
    overlap(kept, piece, size).forEach(({ range, from, to }) => {
      range.bytes.set(piece.subarray(from - size, to - size), from - range.offset);
    });
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
  { examination, kept }: { readonly examination: QueueFileExamination; readonly kept: readonly KeptBytes[] },
): Lineage | undefined {
  const done = examination.envelope.recipients.filter((recipient) => recipient.done).length;
  const isUnchanged = kept.filter(({ length, bytes }) => length === 1 && bytes[0] === RECORD_TYPE.done).length === done;
  const source = windowed({
    status: file.status,
    read: (offset, length) => layOver(kept, file.read(offset, length), offset),
  });
  return lineageOf(isUnchanged ? examination : examineQueueFile(source, queueName), source);
}

interface KeptBytes extends MutableBytes {
  readonly bytes: Uint8Array;
}

function* secondReading(file: OpenQueueFile, kept: readonly KeptBytes[]): Generator<Uint8Array> {
  let offset = 0;
  for (const piece of pieces(file)) {
    yield layOver(kept, piece, offset);
    offset += piece.length;
  }
}

function layOver(kept: readonly KeptBytes[], piece: Uint8Array, offset: number): Uint8Array {
  for (const { range, from, to } of overlap(kept, piece, offset)) {
    piece.set(range.bytes.subarray(from - range.offset, to - range.offset), from - offset);
  }
  return piece;
}

/** The ranges that lie in a piece of the file, with where they begin and end in it, as offsets of the file. */
function overlap(
  ranges: readonly KeptBytes[],
  piece: Uint8Array,
  offset: number,
): { range: KeptBytes; from: number; to: number }[] {
  const end = offset + piece.length;
  return ranges
    .filter((range) => range.offset < end && range.offset + range.length > offset)
    .map((range) => ({
      range,
      from: Math.max(range.offset, offset),
      to: Math.min(range.offset + range.length, end),
    }));
}

function* pieces(file: OpenQueueFile): Generator<Uint8Array> {
  for (let offset = 0; offset < file.status.size; ) {
    const piece = file.read(offset, PIECE_SIZE);
    if (piece.length === 0) {
      return;
    }
    yield piece;
    offset += piece.length;
  }
}

/** A file as a source of bytes, a window of it in memory. */
function windowed(file: Pick<OpenQueueFile, 'status' | 'read'>): ByteSource {
  let start = 0;
  let window: Uint8Array = new Uint8Array(0);
  return {
    size: file.status.size,
    read: (offset, length) => {
      if (offset < start || offset + length > start + window.length) {
        window = file.read(offset, Math.max(length, PIECE_SIZE));
        start = offset;
      }
      return window.subarray(offset - start, offset - start + length);
    },
  };
}
