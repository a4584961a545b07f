/**
 * Journals on disk. What must be durable before the next step is said where it is written.
 */

import { dirname } from 'node:path';
import { SystemError } from '../errors.ts';
import { fsyncDirectory, fsyncFile } from '../fs/durable.ts';
import { errnoText } from '../fs/errno-text.ts';
import type { FileSystem } from '../fs/file-system.ts';
import { readLines } from '../fs/lines.ts';
import { createUnique, safeRename, safeUnlink } from '../fs/nfs-safe.ts';
import { O_APPEND, O_NOFOLLOW, O_NONBLOCK, O_WRONLY } from '../fs/open-flags.ts';
import { errnoOf } from '../fs/system-error.ts';
import {
  decodeJournalLine,
  END_LINE,
  encodeJournalLine,
  isRepair,
  JournalDigest,
  type JournalEntry,
  type JournalHead,
  type Move,
} from './journal.ts';
import { decodeMark, encodeMark, type Mark, MessageStates } from './marks.ts';
import { listJournals, readState } from './state-directory.ts';

/** Collected before a write: one call for each message would cost more than its file. */
const WRITE_BYTES = 64 * 1024;

/** Where a journal is written, and the name that it gets when it is sealed. */
export interface JournalPaths {
  readonly journal: string;
  /** A free name for the draft, another at each call. */
  readonly nextDraft: (attempt: number) => string;
}

/** A journal that is begun. It counts for nothing until it is sealed. */
export class JournalWriter {
  readonly #fs: FileSystem;
  readonly #fd: number;
  readonly #draft: string;
  readonly #path: string;
  readonly #digest = new JournalDigest();
  #unwritten: string[] = [];
  #unwrittenLength = 0;
  #messages = 0;
  #isOpen = true;

  /** Makes the draft, and writes the head. */
  constructor(fs: FileSystem, paths: JournalPaths, head: JournalHead) {
    const { fd, path } = createUnique(fs, paths.nextDraft, 0o600);
    this.#fs = fs;
    this.#fd = fd;
    this.#draft = path;
    this.#path = paths.journal;
    this.#add(encodeJournalLine({ kind: 'head', head }));
  }

  append(entry: JournalEntry): void {
    this.#messages += 1;
    this.#add(encodeJournalLine({ kind: 'entry', entry }));
  }

  /**
   * Makes the journal durable and gives it its name: from here on the restore will be carried out. What it names must be
   * durable before (restore-order.test.ts, "no sync of what is staged").
   */
  seal(): void {
    this.#flush();
    const end = { kind: 'end', messages: this.#messages, sha256: this.#digest.digest() } as const;
    this.#fs.write(this.#fd, Buffer.from(encodeJournalLine(end)));
    // Before it gets its name: so the name proves that all of it is on disk.
    this.#fs.fsync(this.#fd);
    this.#close();
    safeRename(this.#fs, this.#draft, this.#path);
    fsyncDirectory(this.#fs, dirname(this.#path));
  }

  /**
   * Removes the draft.
   *
   * @returns false if there is none any more: the journal has its name, even if seal() has thrown, and will be carried out
   */
  discard(): boolean {
    this.#close();
    if (this.#fs.lstat(this.#draft) === undefined) {
      return false;
    }
    safeUnlink(this.#fs, this.#draft);
    return true;
  }

  #add(line: string): void {
    this.#unwritten.push(line);
    this.#unwrittenLength += line.length;
    if (this.#unwrittenLength >= WRITE_BYTES) {
      this.#flush();
    }
  }

  #flush(): void {
    const text = this.#unwritten.join('');
    this.#digest.update(text);
    this.#fs.write(this.#fd, Buffer.from(text));
    this.#unwritten = [];
    this.#unwrittenLength = 0;
  }

  #close(): void {
    if (this.#isOpen) {
      this.#isOpen = false;
      this.#fs.close(this.#fd);
    }
  }
}

/**
 * Adds to a sealed journal, and knows how far its messages are. What is added is durable with the next sync of the file
 * system, or with {@link CarriedJournal.sync}.
 *
 * No room is kept for what is added. Zeros in the journal would be in the way of its lines; a file that is given back when
 * the disk is full gives its room to whoever writes first, on a mail server Postfix. So where no mark can be written the run
 * ends (ENOSPC), all waits as it is, and the next run goes on once there is room (restore-happenings.test.ts, "disk full at
 * the next run, then room made").
 */
export class CarriedJournal {
  readonly path: string;
  readonly states: MessageStates;
  /** Where messages are to stand instead, oldest first. */
  readonly moves: Map<number, readonly Move[]>;
  /** Only a repair takes files from where they stand in queues. */
  readonly isRepair: boolean;
  readonly #fs: FileSystem;
  #fd: number | undefined;

  constructor(fs: FileSystem, path: string, known: KnownJournal) {
    this.#fs = fs;
    this.path = path;
    this.isRepair = isRepair(known.head);
    this.states = known.states;
    this.moves = new Map(known.moves);
  }

  /** The entries that are asked for by their number, each as it is now, one in memory at a time. */
  entries(isWanted?: (index: number) => boolean): Generator<CurrentEntry> {
    return journalEntries(this.#fs, this.path, { moves: this.moves, isWanted });
  }

  /** An entry as it is now. */
  current(index: number, entry: JournalEntry): CurrentEntry {
    return movedEntry({ index, entry, formerIds: [] }, this.moves.get(index) ?? []);
  }

  move({ index }: CurrentEntry, to: Move): void {
    this.#write(encodeJournalLine({ kind: 'moved', index, to }));
    this.moves.set(index, [...(this.moves.get(index) ?? []), to]);
  }

  mark(mark: Mark): void {
    this.#write(encodeMark(mark));
    this.states.note(mark);
  }

  /** Nothing is left to be done; durable when it returns. */
  finish(finished: string): void {
    this.#write(encodeJournalLine({ kind: 'done', finished }));
    this.sync();
  }

  sync(): void {
    if (this.#fd !== undefined) {
      this.#fs.fsync(this.#fd);
    }
  }

  close(): void {
    if (this.#fd !== undefined) {
      this.#fs.close(this.#fd);
      this.#fd = undefined;
    }
  }

  #write(text: string): void {
    if (this.#fd !== undefined) {
      this.#fs.write(this.#fd, Buffer.from(text));
      return;
    }
    this.#fd = this.#fs.open(this.path, O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK);
    // A write that was cut off before may stand at the end without a newline; an empty line does no harm.
    this.#fs.write(this.#fd, Buffer.from(`\n${text}`));
  }
}

/**
 * Makes a journal that was found on disk durable, with its name: whoever wrote it may have been killed before, and what
 * is done by it must not outlive it.
 * (restore-order.test.ts, "where a journal whose writer was killed is synced before it is believed, or not")
 */
export function makeJournalDurable(fs: FileSystem, path: string): void {
  fsyncFile(fs, path);
  fsyncDirectory(fs, dirname(path));
}

/** What a journal says of itself. */
export type JournalStatus =
  /** It is not what was sealed any more: nothing may be concluded from it. */
  | { readonly state: 'damaged' }
  | {
      /** Still to be carried out, or done and the receipt. */
      readonly state: 'unfinished' | 'done';
      readonly head: JournalHead;
      readonly messages: number;
      /** Where entries are to stand instead, oldest first. */
      readonly moves: ReadonlyMap<number, readonly Move[]>;
      /** How far the messages are. */
      readonly states: MessageStates;
      /** ISO 8601: when it was done. */
      readonly finished?: string;
    };

/** A journal that is what was sealed. */
export type SoundJournal = Exclude<JournalStatus, { state: 'damaged' }>;

/** What must be known of a sealed journal to carry it out. */
export type KnownJournal = Pick<SoundJournal, 'head' | 'states' | 'moves'>;

/** @throws SystemError `io`: it is damaged */
export function readSoundJournal(fs: FileSystem, path: string): SoundJournal {
  const status = readJournalStatus(fs, path);
  if (status.state === 'damaged') {
    throw new SystemError('io', `the journal ${path} is damaged: it does not fit its digest`, {
      path,
      errno: 'EBADMSG',
      nextStep:
        'Check the disk. Messages may be staged beside it, or stand in their queues with mode 0600. When all is well, move the journal away.',
    });
  }
  return status;
}

/**
 * Reads a journal through, checking its digests.
 *
 * @throws SystemError `refused`: mail_owner may not read it
 */
export function readJournalStatus(fs: FileSystem, path: string): JournalStatus {
  return readState(fs, path, () => statusOf(fs, path));
}

function statusOf(fs: FileSystem, path: string): JournalStatus {
  const lines = readLines(fs, path);
  const sealed = readSealedPart(lines);
  if (sealed === undefined) {
    return { state: 'damaged' };
  }
  const moves = new Map<number, Move[]>();
  const states = new MessageStates(sealed.messages);
  let done: { readonly finished: string } | undefined;
  for (const text of lines) {
    const mark = decodeMark(text);
    const line = mark === undefined ? decodeJournalLine(text) : undefined;
    if (mark !== undefined) {
      states.note(mark);
    } else if (line?.kind === 'moved') {
      moves.set(line.index, [...(moves.get(line.index) ?? []), line.to]);
    } else if (line?.kind === 'done') {
      done = { finished: line.finished };
    } else if (!isTorn(text)) {
      return { state: 'damaged' };
    } else if (text !== '') {
      states.doubt();
    }
  }
  return { state: done === undefined ? 'unfinished' : 'done', ...sealed, moves, states, ...done };
}

/**
 * A later line that was cut off before its end, or whose beginning was: where a power loss has left zeros, what was written
 * after them goes on in the same line. What it speaks of is found out anew.
 */
function isTorn(text: string): boolean {
  return !text.includes('}') || text.includes('\0');
}

type SealedPart = { readonly head: JournalHead; readonly messages: number };

function readSealedPart(lines: Iterator<string>): SealedPart | undefined {
  const digest = new JournalDigest();
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

/** An entry as it is now, with the IDs that it had before, under which its files may still stand. */
export interface CurrentEntry {
  readonly index: number;
  readonly entry: JournalEntry;
  readonly formerIds: readonly string[];
  /** Its file was found with another inode than it was staged with: so there may be other copies of it. */
  readonly isCopy?: boolean;
}

export interface WantedEntries {
  readonly moves: ReadonlyMap<number, readonly Move[]>;
  /** Which, by number. The lines of others are not decoded: to decode is most of what a pass through the journal costs. */
  readonly isWanted?: ((index: number) => boolean) | undefined;
}

/** The entries of a sealed journal, each with its latest place, one in memory at a time. */
export function* journalEntries(
  fs: FileSystem,
  path: string,
  { moves, isWanted = () => true }: WantedEntries,
): Generator<CurrentEntry> {
  // In a sealed journal the head is the first line, and an entry each line from there to the end line.
  let index = -1;
  for (const text of readLines(fs, path)) {
    if (text.startsWith(END_LINE)) {
      return;
    }
    const line = index >= 0 && isWanted(index) ? decodeJournalLine(text) : undefined;
    if (line?.kind === 'entry') {
      yield movedEntry({ index, entry: line.entry, formerIds: [] }, moves.get(index) ?? []);
    }
    index += 1;
  }
}

/** An entry after so many moves. */
export function movedEntry({ index, entry, formerIds }: CurrentEntry, moves: readonly Move[]): CurrentEntry {
  const latest = moves.at(-1);
  if (latest === undefined) {
    return { index, entry, formerIds };
  }
  const ids = new Set([...formerIds, entry.newQueueId, ...moves.map(({ queueId }) => queueId)]);
  ids.delete(latest.queueId);
  const { queueName, queueId, inode } = latest;
  const moved = { ...entry, newQueueName: queueName, newQueueId: queueId, inode };
  const isCopy = moves.some((move) => move.inode !== entry.inode);
  return { index, entry: moved, formerIds: [...ids], ...(isCopy ? { isCopy } : {}) };
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
      return [state === 'unfinished' ? { path } : { path, fault: 'it does not fit its digest' }];
    } catch (error) {
      // Gone meanwhile: it was done, and became a receipt.
      return errnoOf(error) === 'ENOENT' ? [] : [{ path, fault: faultOf(error) }];
    }
  });
}

/** @throws what does not come from the system, nor from what stands in the journal's place: a bug */
function faultOf(error: unknown): string {
  if (error instanceof SystemError) {
    return error.message;
  }
  const errno = errnoOf(error);
  if (errno === undefined) {
    throw error;
  }
  return errnoText(errno);
}
