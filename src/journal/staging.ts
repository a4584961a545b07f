/**
 * From staged files to a sealed journal. Until it is sealed nothing in a queue is touched, and all of it can be taken
 * back; from then on it will be carried out.
 */

import { join, relative } from 'node:path';
import { makeDurable } from '../fs/durable.ts';
import type { FileSystem } from '../fs/file-system.ts';
import { safeMkdir } from '../fs/nfs-safe.ts';
import type { Pace } from '../pace.ts';
import type { QueueLayout } from '../queue/layout.ts';
import { JOURNAL_VERSION, type JournalEntry, type JournalHead } from './journal.ts';
import { JournalWriter, type KnownJournal } from './journal-file.ts';
import { MessageStates } from './marks.ts';
import { draftPath, removeStagingDirectory, stagedFiles } from './staging-directory.ts';
import { journalPath, stagingName, stateDirectory } from './state-directory.ts';

export interface StagingOptions {
  readonly fs: FileSystem;
  readonly queueDirectory: string;
  readonly layout: QueueLayout;
  readonly snapshotId: string;
  /** The route, and the archive as it was named. */
  readonly into: string;
  readonly archive: string;
  readonly pace?: Pace;
  readonly now: () => Date;
  /** Another text at each call, fit for a file name. */
  readonly randomName: () => string;
}

/** Messages that are staged, and the journal that names them. */
export class Staging {
  /** Absolute. */
  readonly directory: string;
  readonly journal: string;
  readonly #fs: FileSystem;
  readonly #queueDirectory: string;
  /** The staging directory's path below the queue directory. */
  readonly #place: string;
  readonly #head: JournalHead;
  readonly #writer: JournalWriter;
  #messages = 0;

  /** Makes a staging directory, and begins its journal. */
  constructor(options: StagingOptions) {
    const { fs, queueDirectory, now } = options;
    const started = now().toISOString();
    const run = makeStagingDirectory(options, started.replace(/[^0-9]/g, '').slice(0, 14));
    this.directory = join(stateDirectory(queueDirectory), stagingName(run));
    this.journal = journalPath(queueDirectory, run);
    this.#fs = fs;
    this.#queueDirectory = queueDirectory;
    this.#place = relative(queueDirectory, this.directory);
    this.#head = headOf(options, started, run);
    const nextDraft = (attempt: number): string => draftPath(this.directory, attempt);
    this.#writer = new JournalWriter(fs, { journal: this.journal, nextDraft }, this.#head);
  }

  /** Notes a message that is staged with its logs; where they are is told relative to the staging directory. */
  append(entry: JournalEntry): void {
    this.appendInQueue(below(this.#place, entry));
  }

  /** Notes a message that stands in a queue: where it and its logs are is told relative to the queue directory. */
  appendInQueue(entry: JournalEntry): void {
    this.#messages += 1;
    this.#writer.append(entry);
  }

  /** How far the messages are, before anything is carried out. */
  known(): KnownJournal {
    return { head: this.#head, states: new MessageStates(this.#messages), moves: new Map() };
  }

  /** Makes all that is staged durable, then the journal. When it returns, the restore will be carried out. */
  seal(): void {
    const { files, directories } = stagedFiles(this.#fs, this.directory);
    const root = this.#queueDirectory;
    // What the journal names must be on disk before the journal is: it is what a later run believes.
    // (restore-order.test.ts, "no sync of what is staged")
    makeDurable(this.#fs, {
      root,
      files,
      // The queue directory too: this may be the first restore that made the state directory in it.
      // (restore-order.test.ts, "a state directory whose name is not on disk")
      directories: chain(directories, [this.directory, stateDirectory(root), root]),
    });
    this.#writer.seal();
  }

  /** Takes everything back, unless the journal has its name already: then the next run carries it out. */
  discard(): void {
    if (this.#writer.discard()) {
      removeStagingDirectory(this.#fs, this.directory);
    }
  }
}

function headOf(
  { layout, snapshotId, into, archive, pace }: StagingOptions,
  started: string,
  run: string,
): JournalHead {
  return {
    journal: JOURNAL_VERSION,
    snapshotId,
    into,
    archive,
    started,
    staging: stagingName(run),
    hashQueueNames: [...layout.hashQueueNames],
    hashQueueDepth: layout.hashQueueDepth,
    ...(pace === undefined ? {} : { pace }),
  };
}

function below(directory: string, entry: JournalEntry): JournalEntry {
  const logs = entry.logs.map((log) => ({ ...log, from: `${directory}/${log.from}` }));
  return { ...entry, from: `${directory}/${entry.from}`, logs };
}

/** The names begin with the time, so that journals sort by age. */
function makeStagingDirectory({ fs, queueDirectory, randomName }: StagingOptions, time: string): string {
  for (;;) {
    const run = `${time}-${randomName()}`;
    const path = join(stateDirectory(queueDirectory), stagingName(run));
    if (fs.lstat(path) === undefined) {
      // With the lock held nobody else makes one: if it 'exists' now, it was this very call (NFS).
      safeMkdir(fs, path, 0o700);
      return run;
    }
  }
}

function* chain(...lists: readonly Iterable<string>[]): Generator<string> {
  for (const list of lists) {
    yield* list;
  }
}
