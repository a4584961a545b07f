/**
 * The notes on what repairs have moved to corrupt: when, from where, and why. They are in postsnap's own directory: of each
 * file in corrupt itself `postfix check` says that it is a damaged message (postfix-script), and a backup takes it for mail.
 *
 * A note follows its message, and the journal ends only behind it: cut off in between, the next run is told of the message
 * again, and writes what is missing. (repair-crash.test.ts, "a note of each message in corrupt")
 */

import { DescriptorSource } from '../fs/descriptor-source.ts';
import { fsyncDirectory } from '../fs/durable.ts';
import type { FileSystem } from '../fs/file-system.ts';
import { readLines } from '../fs/lines.ts';
import { O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_RDWR } from '../fs/open-flags.ts';
import { unlessErrno } from '../fs/system-error.ts';
import type { JournalEntry } from '../journal/journal.ts';
import { readState, stateDirectory } from '../journal/state-directory.ts';
import { type QueueLayout, queueFilePath } from '../queue/layout.ts';
import { parseQueueId } from '../queue/queue-id.ts';
import { type ExaminationLimits, examineQueueFile } from '../record/examine.ts';
import { describeFault } from '../record/record-fault.ts';

const NOTES = 'moved-to-corrupt.txt';

export interface NotesGround {
  readonly fs: FileSystem;
  readonly queueDirectory: string;
  readonly layout: QueueLayout;
  readonly limits: ExaminationLimits;
  readonly now: () => Date;
}

/** Where the notes on a queue directory's messages are. */
export function corruptNotesPath(queueDirectory: string): string {
  return `${stateDirectory(queueDirectory)}/${NOTES}`;
}

export class CorruptNotes {
  readonly #ground: NotesGround;
  readonly #path: string;
  /** Without their times. */
  #known: Set<string> | undefined;
  /** Where the next one is written. */
  #end = 0;

  constructor(ground: NotesGround) {
    this.#ground = ground;
    this.#path = corruptNotesPath(ground.queueDirectory);
  }

  /** Notes a message that a journal has moved; others it passes over. */
  addMoved({ queueName, from, newQueueName, newQueueId }: JournalEntry): void {
    const id = parseQueueId(newQueueId);
    if (newQueueName !== 'corrupt' || id === undefined) {
      return;
    }
    const to = queueFilePath(this.#ground.layout, newQueueName, id);
    const reason = unlessErrno(['ENOENT', 'EACCES'], () => this.#reasonOf(to, queueName));
    if (reason !== undefined) {
      this.add({ from, to, reason });
    }
  }

  /** Notes a move, once, by paths below the queue directory; the note is on disk then. */
  add({ from, to, reason }: { readonly from: string; readonly to: string; readonly reason: string }): void {
    const text = `${to} was ${from}: ${reason}`;
    this.#known ??= new Set(this.#read());
    if (!this.#known.has(text)) {
      this.#known.add(text);
      this.#append(`${this.#ground.now().toISOString()} ${text}\n`);
    }
  }

  #reasonOf(path: string, queueName: JournalEntry['queueName']): string {
    const { fs, queueDirectory, limits } = this.#ground;
    const fd = fs.open(`${queueDirectory}/${path}`, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    try {
      const source = new DescriptorSource(fs, fd, fs.fstat(fd).size);
      const [fault] = examineQueueFile(source, queueName, limits).faults;
      return fault === undefined ? 'Postfix would not take it' : describeFault(fault);
    } finally {
      fs.close(fd);
    }
  }

  #read(): string[] {
    const { fs } = this.#ground;
    const lines = unlessErrno(['ENOENT'], () => readState(fs, this.#path, () => [...readLines(fs, this.#path)])) ?? [];
    this.#end = lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
    return lines.map((line) => line.slice(line.indexOf(' ') + 1));
  }

  #append(line: string): void {
    const { fs, queueDirectory } = this.#ground;
    const bytes = Buffer.from(line);
    const fd = fs.open(this.#path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600);
    try {
      if (fs.fstat(fd).size > this.#end) {
        // A run that was killed has left half a line.
        fs.truncate(fd, this.#end);
      }
      fs.write(fd, bytes, this.#end);
      fs.fsync(fd);
    } finally {
      fs.close(fd);
    }
    this.#end += bytes.length;
    fsyncDirectory(fs, stateDirectory(queueDirectory));
  }
}
