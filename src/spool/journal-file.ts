/**
 * Journals on disk. A line is written by one call; what must be durable before the next step is said where it is written.
 */

import { dirname } from 'node:path';
import { fsyncDirectory } from '../fs/durable.ts';
import type { FileSystem } from '../fs/file-system.ts';
import { readLines } from '../fs/lines.ts';
import { createUnique } from '../fs/nfs-safe.ts';
import { O_APPEND, O_NOFOLLOW, O_WRONLY } from '../fs/open-flags.ts';
import {
  createJournalDigest,
  decodeJournalLine,
  encodeJournalLine,
  type JournalEntry,
  type JournalHead,
} from './journal.ts';
import { listJournals } from './state-directory.ts';

/** Collected before a write: one call for each message would cost more than its file. */
const WRITE_BYTES = 64 * 1024;

export interface JournalWriter {
  readonly path: string;
  append(entry: JournalEntry): void;
  /**
   * Writes the end line and makes the journal durable: from here on the restore will be carried out. What it names must
   * be durable before.
   */
  seal(): void;
  /** Closes what is not sealed; the file itself is the caller's to remove. */
  close(): void;
}

/** Begins a journal under the first free name that `nextPath` gives. */
export function createJournal(fs: FileSystem, nextPath: () => string, head: JournalHead): JournalWriter {
  const { fd, path } = createUnique(fs, nextPath, 0o600);
  const digest = createJournalDigest();
  let pending: string[] = [];
  let pendingLength = 0;
  let messages = 0;
  let open = true;

  const flush = (): void => {
    if (pendingLength > 0) {
      fs.write(fd, Buffer.from(pending.join('')));
      pending = [];
      pendingLength = 0;
    }
  };
  const add = (line: string): void => {
    digest.update(line);
    pending.push(line);
    pendingLength += line.length;
    if (pendingLength >= WRITE_BYTES) {
      flush();
    }
  };
  const close = (): void => {
    if (open) {
      open = false;
      fs.close(fd);
    }
  };
  add(encodeJournalLine({ kind: 'head', head }));
  return {
    path,
    append: (entry) => {
      messages += 1;
      add(encodeJournalLine({ kind: 'entry', entry }));
    },
    seal: () => {
      flush();
      // Before the end line: so an end line that is there proves that all before it was on disk.
      fs.fsync(fd);
      fs.write(fd, Buffer.from(encodeJournalLine({ kind: 'end', messages, sha256: digest.digest() })));
      fs.fsync(fd);
      close();
      fsyncDirectory(fs, dirname(path));
    },
    close,
  };
}

/** Adds lines to a sealed journal, each durable when `append` returns. */
export function appendToJournal(
  fs: FileSystem,
  path: string,
  line:
    | { readonly kind: 'moved'; readonly index: number; readonly queueId: string }
    | { readonly kind: 'done'; readonly finished: string },
): void {
  const fd = fs.open(path, O_WRONLY | O_APPEND | O_NOFOLLOW);
  try {
    // A write that was cut off before may stand at the end without a newline; an empty line does no harm.
    fs.write(fd, Buffer.from(`\n${encodeJournalLine(line)}`));
    fs.fsync(fd);
  } finally {
    fs.close(fd);
  }
}

/** What a journal says of itself. */
export type JournalStatus =
  /** Cut off while it was staged: nothing was linked, it counts for nothing. */
  | { readonly state: 'torn' }
  /** It was sealed, and is not what was sealed any more: nothing may be concluded from it. */
  | { readonly state: 'damaged' }
  | {
      /** Still to be carried out, or done and the receipt. */
      readonly state: 'pending' | 'done';
      readonly head: JournalHead;
      readonly messages: number;
      /** The later names of entries whose first one was taken, oldest first. */
      readonly moves: ReadonlyMap<number, readonly string[]>;
    };

/** Reads a journal through, checking its digest. */
export function readJournalStatus(fs: FileSystem, path: string): JournalStatus {
  const lines = readLines(fs, path);
  const sealed = readSealedPart(lines);
  if ('state' in sealed) {
    return sealed;
  }
  const moves = new Map<number, string[]>();
  let done = false;
  for (const text of lines) {
    const line = decodeJournalLine(text);
    if (line?.kind === 'moved') {
      moves.set(line.index, [...(moves.get(line.index) ?? []), line.queueId]);
    }
    done ||= line?.kind === 'done';
  }
  return { state: done ? 'done' : 'pending', ...sealed, moves };
}

type SealedPart = { readonly head: JournalHead; readonly messages: number };

function readSealedPart(lines: Iterator<string>): SealedPart | { readonly state: 'torn' | 'damaged' } {
  const digest = createJournalDigest();
  let head: JournalHead | undefined;
  let messages = 0;
  let isWhole = true;
  for (let next = lines.next(); next.done !== true; next = lines.next()) {
    const line = decodeJournalLine(next.value);
    if (line?.kind === 'end') {
      const fits = isWhole && line.messages === messages && line.sha256 === digest.digest();
      return fits && head !== undefined ? { head, messages } : { state: 'damaged' };
    }
    digest.update(`${next.value}\n`);
    if (line?.kind === 'head' && head === undefined) {
      head = line.head;
    } else if (line?.kind === 'entry' && head !== undefined) {
      messages += 1;
    } else {
      isWhole = false;
    }
  }
  return { state: 'torn' };
}

/** An entry with the names that it took before, which may still be linked to its files. */
export interface CurrentEntry {
  readonly index: number;
  readonly entry: JournalEntry;
  readonly abandonedIds: readonly string[];
}

/** The entries of a sealed journal, each with its latest name, one in memory at a time. */
export function* journalEntries(
  fs: FileSystem,
  path: string,
  moves: ReadonlyMap<number, readonly string[]>,
): Generator<CurrentEntry> {
  let index = 0;
  for (const text of readLines(fs, path)) {
    const line = decodeJournalLine(text);
    if (line?.kind === 'end') {
      return;
    }
    if (line?.kind === 'entry') {
      yield currentEntry(line.entry, index, moves.get(index) ?? []);
      index += 1;
    }
  }
}

function currentEntry(entry: JournalEntry, index: number, ids: readonly string[]): CurrentEntry {
  const latest = ids.at(-1);
  if (latest === undefined) {
    return { index, entry, abandonedIds: [] };
  }
  const abandonedIds = [entry.new_queue_id, ...ids.slice(0, -1)];
  return { index, entry: { ...entry, new_queue_id: latest }, abandonedIds };
}

/** Journals that still have to be carried out: until then some messages are nowhere but in their staging directories. */
export function pendingJournals(fs: FileSystem, queueDirectory: string): string[] {
  return listJournals(fs, queueDirectory).filter((path) => readJournalStatus(fs, path).state === 'pending');
}
