/**
 * Journals on disk. What must be durable before the next step is said where it is written.
 */

import { dirname } from 'node:path';
import { SystemError } from '../errors.ts';
import { fsyncDirectory, fsyncFile } from '../fs/durable.ts';
import type { FileSystem } from '../fs/file-system.ts';
import { readLines } from '../fs/lines.ts';
import { createUnique, safeRename, safeUnlink } from '../fs/nfs-safe.ts';
import { O_APPEND, O_NOFOLLOW, O_NONBLOCK, O_WRONLY } from '../fs/open-flags.ts';
import { errnoOf } from '../fs/system-error.ts';
import {
  createJournalDigest,
  decodeJournalLine,
  encodeJournalLine,
  type JournalEntry,
  type JournalHead,
  type LaterJournalLine,
} from './journal.ts';
import { listJournals } from './state-directory.ts';

/** Collected before a write: one call for each message would cost more than its file. */
const WRITE_BYTES = 64 * 1024;

export interface JournalWriter {
  append(entry: JournalEntry): void;
  /**
   * Makes the journal durable and gives it its name: from here on the restore will be carried out. What it names must be
   * durable before.
   */
  seal(): void;
  /**
   * Removes the draft.
   *
   * @returns false if there is none any more: the journal has its name, even if seal() has thrown, and will be carried out
   */
  discard(): boolean;
}

/** Where a journal is written, and the name that it gets when it is sealed. */
export interface JournalPaths {
  readonly journal: string;
  /** A free name for the draft, another at each call. */
  readonly nextDraft: () => string;
}

/** Begins a journal. */
export function createJournal(fs: FileSystem, paths: JournalPaths, head: JournalHead): JournalWriter {
  const { fd, path: draft } = createUnique(fs, paths.nextDraft, 0o600);
  const digest = createJournalDigest();
  let pending: string[] = [];
  let pendingLength = 0;
  let messages = 0;
  let open = true;

  const flush = (): void => {
    const text = pending.join('');
    digest.update(text);
    fs.write(fd, Buffer.from(text));
    pending = [];
    pendingLength = 0;
  };
  const add = (line: string): void => {
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
    append: (entry) => {
      messages += 1;
      add(encodeJournalLine({ kind: 'entry', entry }));
    },
    seal: () => {
      flush();
      fs.write(fd, Buffer.from(encodeJournalLine({ kind: 'end', messages, sha256: digest.digest() })));
      // Before it gets its name: so the name proves that all of it is on disk.
      fs.fsync(fd);
      close();
      safeRename(fs, draft, paths.journal);
      fsyncDirectory(fs, dirname(paths.journal));
    },
    discard: () => {
      close();
      if (fs.lstat(draft) === undefined) {
        return false;
      }
      safeUnlink(fs, draft);
      return true;
    },
  };
}

/** Adds a line to a sealed journal; it is durable when this returns. */
export function appendToJournal(fs: FileSystem, path: string, line: LaterJournalLine): void {
  const fd = fs.open(path, O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK);
  try {
    // A write that was cut off before may stand at the end without a newline; an empty line does no harm.
    fs.write(fd, Buffer.from(`\n${encodeJournalLine(line)}`));
    fs.fsync(fd);
  } finally {
    fs.close(fd);
  }
}

/**
 * Makes a journal that was found on disk durable, with its name: whoever wrote it may have been killed before, and what
 * is done by it must not outlive it.
 */
export function settleJournal(fs: FileSystem, path: string): void {
  fsyncFile(fs, path);
  fsyncDirectory(fs, dirname(path));
}

/** What a journal says of itself. */
export type JournalStatus =
  /** It is not what was sealed any more: nothing may be concluded from it. */
  | { readonly state: 'damaged' }
  | {
      /** Still to be carried out, or done and the receipt. */
      readonly state: 'pending' | 'done';
      readonly head: JournalHead;
      readonly messages: number;
      /** The later names of entries whose first one was taken, oldest first. */
      readonly moves: ReadonlyMap<number, readonly string[]>;
    };

/** Reads a journal through, checking its digests. */
export function readJournalStatus(fs: FileSystem, path: string): JournalStatus {
  const lines = readLines(fs, path);
  const sealed = readSealedPart(lines);
  if (sealed === undefined) {
    return { state: 'damaged' };
  }
  const moves = new Map<number, string[]>();
  let done = false;
  for (const text of lines) {
    const line = decodeJournalLine(text);
    if (line?.kind === 'moved') {
      moves.set(line.index, [...(moves.get(line.index) ?? []), line.queueId]);
    } else if (line?.kind === 'done') {
      done = true;
    } else if (!isTorn(text)) {
      return { state: 'damaged' };
    }
  }
  return { state: done ? 'done' : 'pending', ...sealed, moves };
}

/** A later line that was cut off before its end, or none. What it speaks of was not done: the line has to be durable first. */
function isTorn(text: string): boolean {
  return !text.includes('}');
}

type SealedPart = { readonly head: JournalHead; readonly messages: number };

function readSealedPart(lines: Iterator<string>): SealedPart | undefined {
  const digest = createJournalDigest();
  let head: JournalHead | undefined;
  let messages = 0;
  for (let next = lines.next(); next.done !== true; next = lines.next()) {
    const line = decodeJournalLine(next.value);
    if (line?.kind === 'end') {
      const fits = line.messages === messages && line.sha256 === digest.digest();
      return fits && head !== undefined ? { head, messages } : undefined;
    }
    digest.update(`${next.value}\n`);
    if (line?.kind === 'head' && head === undefined) {
      head = line.head;
    } else if (line?.kind === 'entry' && head !== undefined) {
      messages += 1;
    } else {
      return undefined;
    }
  }
  return undefined;
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

/** A journal that is no receipt of a finished restore: messages may be nowhere but in its staging directory. */
export interface UnfinishedJournal {
  readonly path: string;
  /** Why it can't be carried out; absent: the next restore does it. */
  readonly fault?: string;
}

/** The journals that are not done, and those of which nobody can tell. */
export function unfinishedJournals(fs: FileSystem, queueDirectory: string): UnfinishedJournal[] {
  return listJournals(fs, queueDirectory).flatMap((path): UnfinishedJournal[] => {
    try {
      const { state } = readJournalStatus(fs, path);
      if (state === 'done') {
        return [];
      }
      return [state === 'pending' ? { path } : { path, fault: 'it does not fit its digest' }];
    } catch (error) {
      return [{ path, fault: faultOf(error) }];
    }
  });
}

/** @throws what does not come from the system, nor from what stands in the journal's place: a bug */
function faultOf(error: unknown): string {
  const fault = error instanceof SystemError ? error.message : errnoOf(error);
  if (fault === undefined) {
    throw error;
  }
  return fault;
}
