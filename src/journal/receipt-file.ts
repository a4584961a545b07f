/** Receipts on disk: a journal that is done becomes one, and goes. */

import { dirname } from 'node:path';
import { SystemError } from '../errors.ts';
import { fsyncDirectory } from '../fs/durable.ts';
import type { FileSystem } from '../fs/file-system.ts';
import { createUnique, safeRename, safeUnlink } from '../fs/nfs-safe.ts';
import { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } from '../fs/open-flags.ts';
import { readFully } from '../fs/read-fully.ts';
import { errnoOf } from '../fs/system-error.ts';
import { senderDigits } from '../table/lineage-table.ts';
import { isRepair, type JournalEntry } from './journal.ts';
import { journalEntries, readJournalStatus, type SoundJournal } from './journal-file.ts';
import { GIVEN_UP, UNCERTAIN } from './marks.ts';
import {
  decodeReceiptHead,
  decodeReceiptRecord,
  encodeReceiptHead,
  encodeReceiptRecord,
  ReceiptEnd,
  type ReceiptHead,
  type ReceiptRecord,
} from './receipt.ts';
import { listJournals, listReceiptDrafts, readState, receiptDraftPath, receiptPath } from './state-directory.ts';

const CHUNK_BYTES = 64 * 1024;
const NEWLINE = 0x0a;
/** As of a journal (fs/lines.ts): what its head can hold, that of its receipt can. */
const LONGEST_LINE_BYTES = 1024 * 1024;

/**
 * Makes a receipt of each journal that is done, and removes the journal. Until the receipt is durable under its name the
 * journal stays, and says the same: so a cut at any call, or a full disk, costs nothing (restore-crash.test.ts,
 * receipt-file.test.ts). With the lock held.
 */
export function condenseJournals(fs: FileSystem, queueDirectory: string): void {
  for (const path of listReceiptDrafts(fs, queueDirectory)) {
    unlessRefused(() => safeUnlink(fs, path));
  }
  for (const path of listJournals(fs, queueDirectory)) {
    unlessRefused(() => condenseDone(fs, path));
  }
}

function condenseDone(fs: FileSystem, path: string): void {
  const journal = readJournalStatus(fs, path);
  if (journal.state === 'done') {
    condense(fs, path, journal);
  }
}

/** The journal is as good a receipt, only longer: the next run tries again. */
function unlessRefused(call: () => void): void {
  try {
    call();
  } catch (error) {
    if (errnoOf(error) === undefined && !(error instanceof SystemError)) {
      throw error;
    }
  }
}

function condense(fs: FileSystem, path: string, journal: SoundJournal): void {
  // What a repair renamed was in the queue before: no archive's message was restored by it.
  const isOfUse = !isRepair(journal.head) && hasRecords(journal);
  if (isOfUse) {
    writeReceipt(fs, path, journal);
  }
  safeUnlink(fs, path);
  fsyncDirectory(fs, dirname(path));
}

function hasRecords({ states }: SoundJournal): boolean {
  return Array.from({ length: states.size }).some((_, index) => states.of(index) !== GIVEN_UP);
}

function writeReceipt(fs: FileSystem, path: string, journal: SoundJournal): void {
  const { fd, path: draft } = createUnique(fs, (attempt) => receiptDraftPath(path, attempt), 0o600);
  try {
    for (const bytes of inChunks(receiptBytes(fs, path, journal))) {
      fs.write(fd, bytes);
    }
    // Before it gets its name, and before the journal goes.
    fs.fsync(fd);
  } catch (error) {
    fs.close(fd);
    safeUnlink(fs, draft);
    throw error;
  }
  fs.close(fd);
  safeRename(fs, draft, receiptPath(path));
  fsyncDirectory(fs, dirname(path));
}

function* inChunks(pieces: Iterable<Uint8Array>): Generator<Uint8Array> {
  let [waiting, length]: [Uint8Array[], number] = [[], 0];
  for (const piece of pieces) {
    waiting.push(piece);
    length += piece.length;
    if (length >= CHUNK_BYTES) {
      yield Buffer.concat(waiting);
      [waiting, length] = [[], 0];
    }
  }
  yield Buffer.concat(waiting);
}

function* receiptBytes(fs: FileSystem, path: string, journal: SoundJournal): Generator<Uint8Array> {
  const { head, moves, states, finished = '' } = journal;
  const end = new ReceiptEnd();
  const first = encodeReceiptHead({ ...head, finished });
  end.update(first, { isRecord: false });
  yield first;
  const isWanted = (index: number): boolean => states.of(index) !== GIVEN_UP;
  for (const { index, entry } of journalEntries(fs, path, { moves, isWanted })) {
    const bytes = encodeReceiptRecord(recordOf(entry, states.of(index)));
    end.update(bytes, { isRecord: true });
    yield bytes;
  }
  yield end.encode();
}

/** What is to be known of an entry once its restore is done. */
export function recordOf(entry: JournalEntry, state: number): ReceiptRecord {
  const { queueName, newQueueName, fingerprint, submission, sender = '' } = entry;
  const origin = entry.origin === null ? undefined : (entry.origin ?? submission);
  const wasSubmitted = queueName === 'maildrop' || newQueueName === 'maildrop';
  const hasLineage = origin !== undefined || (wasSubmitted && submission !== undefined);
  return {
    fingerprint,
    ...(origin === undefined ? {} : { origin }),
    ...(wasSubmitted && submission !== undefined ? { submission } : {}),
    ...(hasLineage ? { sender: senderDigits(sender) } : {}),
    ...(state === UNCERTAIN ? { uncertainId: entry.newQueueId } : {}),
  };
}

/**
 * Reads a receipt through.
 *
 * @param note - told of each record; if this throws, nothing is to be concluded from what it was told
 * @throws SystemError `io`: it is not what was written; `refused`: mail_owner may not read it
 */
export function readReceipt(fs: FileSystem, path: string, note: (record: ReceiptRecord) => void): ReceiptHead {
  return readState(fs, path, () => readSound(fs, path, note));
}

function readSound(fs: FileSystem, path: string, note: (record: ReceiptRecord) => void): ReceiptHead {
  // Not blocking: to open a FIFO would wait for its writer.
  const fd = fs.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    if (fs.fstat(fd).type !== 'file') {
      throw damaged(path);
    }
    return readAll(new ReceiptReader(fs, fd), path, note);
  } finally {
    fs.close(fd);
  }
}

function readAll(reader: ReceiptReader, path: string, note: (record: ReceiptRecord) => void): ReceiptHead {
  const end = new ReceiptEnd();
  const line = reader.takeLine();
  const head = decodeReceiptHead(line?.toString('utf8') ?? '');
  if (line === undefined || head === undefined) {
    throw damaged(path);
  }
  end.update(Buffer.concat([line, Buffer.of(NEWLINE)]), { isRecord: false });
  for (;;) {
    reader.mark();
    const record = decodeReceiptRecord(reader);
    if (record === undefined || (record === 'end' && !end.fits(reader))) {
      throw damaged(path);
    }
    if (record === 'end') {
      return head;
    }
    end.update(reader.sinceMark(), { isRecord: true });
    note(record);
  }
}

function damaged(path: string): SystemError {
  return new SystemError('io', `the receipt ${path} is damaged: it is not what was written`, {
    path,
    errno: 'EBADMSG',
    nextStep:
      'Check the disk. Moved away, it is forgotten what that restore put into the queue: mail that was delivered since could be restored again.',
  });
}

/** A file from its beginning to its end, a chunk in memory at a time. */
class ReceiptReader {
  readonly #fs: FileSystem;
  readonly #fd: number;
  #position = 0;
  #chunk: Buffer = Buffer.alloc(0);
  #at = 0;
  #marked = 0;

  constructor(fs: FileSystem, fd: number) {
    this.#fs = fs;
    this.#fd = fd;
  }

  readonly take = (length: number): Buffer | undefined => {
    if (this.#at + length > this.#chunk.length) {
      this.#readMore();
    }
    if (this.#at + length > this.#chunk.length) {
      return undefined;
    }
    this.#at += length;
    return this.#chunk.subarray(this.#at - length, this.#at);
  };

  /** A line without its newline; undefined where there is none of sensible length. */
  takeLine(): Buffer | undefined {
    let [end, length] = [-1, -1];
    while (end < 0 && length < this.#chunk.length && this.#chunk.length < LONGEST_LINE_BYTES) {
      length = this.#chunk.length;
      this.#readMore();
      end = this.#chunk.indexOf(NEWLINE);
    }
    const line = end < 0 ? undefined : this.take(end);
    this.take(1);
    return line;
  }

  mark(): void {
    this.#marked = this.#at;
  }

  sinceMark(): Buffer {
    return this.#chunk.subarray(this.#marked, this.#at);
  }

  /** What was marked stays in memory: it is no more than a record. */
  #readMore(): void {
    const kept = this.#chunk.subarray(this.#marked);
    const more = readFully(this.#fs, this.#fd, { into: new Uint8Array(CHUNK_BYTES), position: this.#position });
    this.#position += more.length;
    this.#chunk = Buffer.concat([kept, more]);
    this.#at -= this.#marked;
    this.#marked = 0;
  }
}
