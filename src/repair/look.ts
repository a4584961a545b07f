/** Looks over a queue directory: every name in it, and what the messages' bytes say. Nothing is changed. */

import type { FileStatus, FileSystem } from '../fs/file-system.ts';
import { unlessRefused } from '../fs/system-error.ts';
import { listStagings, stateDirectory } from '../journal/state-directory.ts';
import { journalsToFinish } from '../journal/unfinished.ts';
import { isLogQueueName, LOG_QUEUES, MESSAGE_QUEUES, type QueueName } from '../queue/queue-name.ts';
import { QUEUE_DIRECTORIES } from '../queue/rights.ts';
import type { ExaminationLimits } from '../record/examine.ts';
import { reasonOf } from '../spool/reason.ts';
import { walkDirectories } from '../spool/spool.ts';
import { ContentReader } from './content-reader.ts';
import { isLive, type QueueFacts, readName, type SeenDirectory, type SeenFile, type UnseenFile } from './facts.ts';
import type { RepairPart } from './finding.ts';
import { type FoundName, PlainFiles, type PlainRules } from './plain-files.ts';

const NFS_REMOVED = /^\.nfs[0-9a-f]+$/iu;

export interface LookOptions {
  readonly fs: FileSystem;
  readonly queueDirectory: string;
  /** What is looked for. */
  readonly parts: ReadonlySet<RepairPart>;
  /** By what a file counts as plain; absent: none does, and the facts of each are kept. */
  readonly plain?: PlainRules;
  readonly limits: ExaminationLimits;
}

/** Looks over all queues and their logs. */
export function lookOver(options: LookOptions): QueueFacts {
  return new Look(options).facts();
}

class Look {
  readonly #options: LookOptions;
  readonly #plain: PlainFiles | undefined;
  readonly #contents: ContentReader;
  readonly #directories: SeenDirectory[] = [];
  readonly #files: SeenFile[] = [];
  readonly #unseen: UnseenFile[] = [];
  /** Whether whole messages are looked for that Postfix would call corrupt. */
  readonly #readsAll: boolean;
  /** Whether messages are read where their names or modes give reason. */
  readonly #reads: boolean;
  readonly #asksForLogs: boolean;
  #isListed = true;

  constructor(options: LookOptions) {
    const { plain, parts } = options;
    this.#options = options;
    this.#plain = plain === undefined ? undefined : new PlainFiles(plain);
    this.#contents = new ContentReader(options);
    this.#readsAll = parts.has('corrupt');
    this.#reads = parts.has('corrupt') || parts.has('modes') || parts.has('names');
    this.#asksForLogs = parts.has('logs') || parts.has('owners') || parts.has('modes');
  }

  facts(): QueueFacts {
    // Messages first: a log is plain only where its message is.
    for (const queueName of [...MESSAGE_QUEUES, ...LOG_QUEUES]) {
      this.#lookAtQueue(queueName);
    }
    this.#addNamesakes();
    const [files, unseen] = [this.#files, this.#unseen];
    const isPartial = !this.#isListed || unseen.length > 0 || files.some(({ status }) => status.type === 'directory');
    const leftovers = leftoversOf(this.#options);
    return { isPartial, directories: this.#directories, files, plain: this.#plain ?? NONE, unseen, leftovers };
  }

  #lookAtQueue(queueName: QueueName): void {
    const { fs, queueDirectory } = this.#options;
    for (const { path, depth, files: names, error } of walkDirectories(fs, queueDirectory, queueName)) {
      if (depth > 0 || error !== undefined) {
        this.#directories.push(seenDirectory(this.#options, path, error));
      }
      this.#isListed &&= error === undefined;
      for (const name of names) {
        const found = { queueName, directory: path, name };
        if (!this.#isPlainByName(found) && !isNfsRemoved(name)) {
          this.#lookAt(found);
        }
      }
    }
  }

  /** Whose logs have which owners and modes is not always asked for. */
  #isPlainByName(found: FoundName): boolean {
    const plain = this.#plain;
    if (plain === undefined || this.#asksForLogs || !plain.isPlainLog(found, undefined)) {
      return false;
    }
    plain.note(found);
    return true;
  }

  #lookAt(found: FoundName, isNamesake = false): void {
    const { queueName, directory, name } = found;
    const path = `${directory}/${name}`;
    let status: FileStatus | undefined;
    try {
      status = this.#options.fs.lstat(`${this.#options.queueDirectory}/${path}`);
    } catch (error) {
      this.#unseen.push({ path, queueName, reason: reasonOf(error) });
      return;
    }
    if (status === undefined) {
      if (name.includes(NO_UTF8)) {
        this.#unseen.push({ path, queueName, reason: 'its name is no text' });
      }
      // Else it has gone meanwhile.
      return;
    }
    if (!isNamesake && this.#isPlain(found, path, status)) {
      this.#plain?.note(found);
    } else {
      this.#keep(found, path, status);
    }
  }

  #isPlain(found: FoundName, path: string, status: FileStatus): boolean {
    const { queueName } = found;
    const plain = this.#plain;
    if (plain === undefined || isLogQueueName(queueName)) {
      return plain?.isPlainLog(found, status) === true;
    }
    return (
      plain.isPlainMessage(found, status) && (!this.#readsAll || this.#contents.read(path, queueName).kind === 'sound')
    );
  }

  #keep({ queueName, name }: FoundName, path: string, status: FileStatus): void {
    const { type, inode, mode, uid, gid, size, links, mtimeNs } = status;
    const said = readName(name);
    const isRead = this.#reads && type === 'file' && said.id !== undefined && isLive(queueName);
    this.#files.push({
      path,
      queueName,
      ...said,
      status: { type, inode, mode, uid, gid, size, links, mtimeNs },
      content: isRead ? this.#contents.read(path, queueName) : undefined,
      ...(type === 'directory' ? { names: countNames(this.#options, path) } : {}),
    });
  }

  /** Of two with one ID it takes both to tell what is wrong. */
  #addNamesakes(): void {
    const ids = new Set(this.#files.flatMap(({ id }) => (id === undefined ? [] : [id.text])));
    for (const found of [...ids].flatMap((id) => this.#plain?.take(id) ?? [])) {
      this.#lookAt(found, true);
    }
  }
}

const NONE: QueueFacts['plain'] = { count: 0, has: () => false };

/** What an NFS client makes of a file that is removed while it is open goes by itself. */
function isNfsRemoved(name: string): boolean {
  return name.startsWith('.') && NFS_REMOVED.test(name);
}

function seenDirectory({ fs, queueDirectory }: LookOptions, path: string, error: unknown): SeenDirectory {
  const status = statusOf(fs, `${queueDirectory}/${path}`);
  return error === undefined ? { path, status } : { path, status, fault: reasonOf(error) };
}

function countNames({ fs, queueDirectory }: LookOptions, path: string): number | undefined {
  return unlessRefused(() => fs.readdir(`${queueDirectory}/${path}`).length);
}

/** What can't even be looked at counts as not there: the directory above it tells why. */
function statusOf(fs: FileSystem, path: string): ReturnType<FileSystem['lstat']> {
  return unlessRefused(() => fs.lstat(path));
}

/** How Node.js shows bytes that are no UTF-8: by that name the file can't be found again. */
const NO_UTF8 = '\uFFFD';

/** Stagings that no journal speaks of, below the queue directory. */
export function leftoversOf({ fs, queueDirectory }: Pick<LookOptions, 'fs' | 'queueDirectory'>): string[] {
  const state = stateDirectory(queueDirectory);
  const wanted = new Set(journalsToFinish(fs, queueDirectory).map(({ head }) => `${state}/${head.staging}`));
  return listStagings(fs, queueDirectory)
    .filter((path) => !wanted.has(path))
    .map((path) => path.slice(queueDirectory.length + 1));
}

/** Looks at the queue directory itself and at the directories that Postfix has in each. */
export function lookAtDirectories(fs: FileSystem, queueDirectory: string): SeenDirectory[] {
  const own = { path: '', status: statusOf(fs, `${queueDirectory}/.`) };
  return [own, ...QUEUE_DIRECTORIES.map((name) => ({ path: name, status: statusOf(fs, `${queueDirectory}/${name}`) }))];
}
