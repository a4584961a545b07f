/**
 * What a tar holds, found in one reading: which entries are messages, and where; the logs, put by. A tar of a running
 * queue holds some messages twice: they moved from one queue to another while it was made, and were read in both.
 */

import { hash } from 'node:crypto';
import type { FileMetadata } from '../format/file-metadata.ts';
import { isLogQueueName, isMessageQueueName, MESSAGE_QUEUES, type MessageQueueName } from '../queue/queue-name.ts';
import { QueueIdTable } from '../table/queue-id-table.ts';
import { wholeContent } from './held-content.ts';
import type { HeldLogs } from './held-logs.ts';
import type { SkippedEntry } from './options.ts';
import type { TarEntry } from './tar-entries.ts';
import { namedFile, normalName, type ReadName } from './tar-name.ts';

/** A file that is a message, in the order of the tar. */
export interface Occurrence {
  /** The number of its entry, from 0. */
  readonly entry: number;
  readonly queueName: MessageQueueName;
}

export interface SurveyOptions {
  readonly logs: HeldLogs;
  /** The queue directory to take, as {@link normalName} makes it; undefined: the only one that there is. */
  readonly root: string | undefined;
  /** What lies ahead of it is no time at which the tar can have been made. */
  readonly nowNs: bigint;
}

const HOLES = 'it is a file with holes, in a form that only the tar that wrote it reads: make the tar without --sparse';
const LINK = 'it is another name of a file that is not there';
/** A defer log has a few hundred bytes for each recipient. */
const LOG_MAXIMUM = 256 * 1024 * 1024;

export class TarSurvey {
  readonly ids: QueueIdTable = new QueueIdTable();
  readonly skipped: SkippedEntry[] = [];
  /** Of messages that the tar holds several times, by the number of their ID. */
  readonly repeated: Map<number, Occurrence[]> = new Map();
  /** Hard links whose file is in no queue, by the name of that file: the message is found there. */
  readonly aliases: Map<string, ReadName> = new Map();
  /** The queue directories that messages or logs are in, with how many. */
  readonly roots: Map<string, number> = new Map();
  passedOver = 0;
  hasQueueDirectory = false;
  hasLongIds = false;
  /** The latest time of all that Postfix changes when it does something. */
  latestNs = 0n;

  readonly #options: SurveyOptions;
  /** The first occurrence of each ID: its entry plus one, and its queue. */
  #firstEntries: Float64Array = new Float64Array(1024);
  #firstQueues: Uint8Array = new Uint8Array(1024);

  constructor(options: SurveyOptions) {
    this.#options = options;
  }

  /** Takes the next entry; content is read of logs alone. */
  async add(entry: TarEntry, number: number): Promise<void> {
    const name = normalName(entry.name);
    if (entry.kind === 'directory') {
      this.#addDirectory(name, entry);
      return;
    }
    const file = namedFile(name);
    if (file.kind === 'odd' && this.#isWanted(name)) {
      this.#skip(entry, file.reason);
    } else if (file.kind === 'queue-file' && this.#isChosen(file.read.root)) {
      this.roots.set(file.read.root, (this.roots.get(file.read.root) ?? 0) + 1);
      await this.#addQueueFile(entry, file.read, number);
    } else {
      this.passedOver += 1;
    }
  }

  /** Where a message's first occurrence is, or undefined if the tar holds no message of this ID. */
  first(id: number): Occurrence | undefined {
    const entry = (this.#firstEntries[id] ?? 0) - 1;
    const queueName = MESSAGE_QUEUES[this.#firstQueues[id] ?? 0];
    return entry < 0 || queueName === undefined ? undefined : { entry, queueName };
  }

  #addDirectory(name: string, entry: TarEntry): void {
    this.passedOver += 1;
    this.#noteTime(entry);
    const last = name.split('/').at(-1) ?? '';
    this.hasQueueDirectory ||= isMessageQueueName(last) || isLogQueueName(last);
  }

  async #addQueueFile(entry: TarEntry, read: ReadName, number: number): Promise<void> {
    const { queueName, id } = read;
    if (entry.kind === 'link') {
      this.#addLink(entry, read);
    } else if (entry.kind !== 'file') {
      this.#skip(entry, entry.kind === 'unreadable' ? HOLES : 'it is no regular file');
    } else if (isMessageQueueName(queueName)) {
      this.hasLongIds ||= id.form === 'long';
      this.#addMessage(this.ids.add(id.text), { entry: number, queueName });
      if (queueName !== 'deferred') {
        // The times of deferred mail lie ahead: they are those of its next try.
        this.#noteTime(entry);
      }
    } else {
      await this.#addLog(entry, read);
    }
  }

  #addMessage(id: number, occurrence: Occurrence): void {
    if (id >= this.#firstEntries.length) {
      const entries = new Float64Array(this.#firstEntries.length * 2);
      const queues = new Uint8Array(this.#firstQueues.length * 2);
      entries.set(this.#firstEntries);
      queues.set(this.#firstQueues);
      this.#firstEntries = entries;
      this.#firstQueues = queues;
    }
    const first = this.first(id);
    if (first === undefined) {
      this.#firstEntries[id] = occurrence.entry + 1;
      this.#firstQueues[id] = MESSAGE_QUEUES.indexOf(occurrence.queueName);
    } else {
      const known = this.repeated.get(id) ?? [first];
      this.repeated.set(id, [...known, occurrence]);
    }
  }

  async #addLog(entry: TarEntry, { queueName, id, depth }: ReadName): Promise<void> {
    if (!isLogQueueName(queueName)) {
      return;
    }
    this.#noteTime(entry);
    if (entry.size > LOG_MAXIMUM) {
      this.#skip(entry, 'it is a log of more than 256 MiB');
      return;
    }
    const content = await wholeContent(entry);
    const sha256 = hash('sha256', content);
    this.#options.logs.add(this.ids.add(id.text), {
      queueName,
      depth,
      metadata: metadataOf(entry, { sha256, size: content.length }),
      content,
    });
  }

  /** A file that has several names is one message. A tar has its content at the first name. */
  #addLink(entry: TarEntry, read: ReadName): void {
    const linked = normalName(entry.linkName);
    const other = namedFile(linked);
    if (other.kind === 'queue-file' && this.ids.find(other.read.id.text) !== -1) {
      this.#skip(entry, `it is another name of ${entry.linkName}`, false);
    } else if (isMessageQueueName(read.queueName) && !this.aliases.has(linked)) {
      this.aliases.set(linked, read);
    } else {
      this.#skip(entry, LINK);
    }
  }

  #skip({ name }: TarEntry, reason: string, missing = true): void {
    this.skipped.push({ name, reason, missing });
  }

  #isChosen(root: string): boolean {
    return this.#options.root === undefined || this.#options.root === root;
  }

  #isWanted(name: string): boolean {
    const { root } = this.#options;
    return root === undefined || root === '' || name.startsWith(`${root}/`);
  }

  #noteTime({ mtimeNs }: TarEntry): void {
    if (mtimeNs > this.latestNs && mtimeNs <= this.#options.nowNs) {
      this.latestNs = mtimeNs;
    }
  }
}

/** What a tar does not tell is marked: no inode number (0), no time of the last reading (that of the last change). */
export function metadataOf(entry: TarEntry, { sha256, size }: Pick<FileMetadata, 'sha256' | 'size'>): FileMetadata {
  const { mode, uid, gid, uname, gname, mtimeNs } = entry;
  return {
    mode,
    uid,
    gid,
    ...(uname === undefined ? {} : { uname }),
    ...(gname === undefined ? {} : { gname }),
    mtimeNs,
    atimeNs: mtimeNs,
    inode: 0n,
    sha256,
    size,
  };
}
