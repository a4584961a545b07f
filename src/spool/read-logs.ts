/**
 * The defer, bounce and trace logs of a message that may be in delivery.
 *
 * A delivery agent appends to a log first, and only then marks the recipient done in the queue file (bounce_append_service.c,
 * deliver_completed.c). So a log is read after its message. But what it says may have been sent by then, and the log
 * removed: so it is opened before the message is read. And it may have been removed and made anew between the two: so it
 * is looked up again after the message was read. In this order a recipient that is marked done in the copy has its line in
 * the copy of the log, unless the notice went out meanwhile.
 */

import type { FileSystem } from '../fs/file-system.ts';
import { isSameFile } from '../fs/same-file.ts';
import { parseQueueId, UNFINISHED_RENAME_SUFFIX, withInode } from '../queue/queue-id.ts';
import { isLogQueueName, LOG_QUEUES, type LogQueueName } from '../queue/queue-name.ts';
import { describe, type OpenQueueFile, openIfThere } from './read-file.ts';
import { reasonOf } from './reason.ts';
import { absolutePath, pathsOf, type Spool } from './spool.ts';

export interface LogIssue {
  readonly queueName: LogQueueName;
  readonly path: string;
  readonly reason: string;
}

interface OpenLog {
  readonly queueName: LogQueueName;
  readonly fd: number;
  readonly path: string;
}

/** The message that the logs are wanted of. */
export interface LogOwner {
  readonly id: string;
  readonly inode: bigint;
  /** `ID#FIX`: postsuper had renamed the logs so before it renamed the message. */
  readonly isUnfinishedRename: boolean;
  /** The log queues that a listing found it in; without one all are looked through. */
  readonly listedIn?: readonly LogQueueName[] | undefined;
}

/** The logs of one message, open from before it is read until after. */
export class MessageLogs {
  readonly #spool: Spool;
  readonly #owner: LogOwner;
  readonly #open = new Map<LogQueueName, OpenLog>();
  readonly #issues: LogIssue[] = [];

  /** Opens the logs that the message has now: to be made before the message is read. */
  constructor(spool: Spool, owner: LogOwner) {
    this.#spool = spool;
    this.#owner = owner;
    const listed = isListedByName(owner) ? owner.listedIn : undefined;
    for (const queueName of listed ?? []) {
      // Most likely it stands where it belongs: it is opened there without a look.
      const [own] = logPaths(spool, queueName, owner);
      if (own !== undefined) {
        this.#openAt(queueName, own);
      }
    }
    this.#refresh((listed ?? LOG_QUEUES).filter((queueName) => !this.#open.has(queueName)));
  }

  /** Logs that are there and can't be read, or that can't be looked for. */
  get issues(): readonly LogIssue[] {
    return this.#issues;
  }

  /**
   * The logs as they are now, open. To be called after the message was read.
   *
   * @param hasDoneRecipients - whether a recipient is marked done in the copy
   */
  readAfterMessage(hasDoneRecipients: boolean): readonly OpenQueueFile[] {
    if (hasDoneRecipients) {
      this.#refresh(LOG_QUEUES);
    }
    return [...this.#open.values()].flatMap((log) => this.#describe(log));
  }

  /** Notes that the content of a log can't be read. */
  fail({ queueName, path }: Pick<OpenQueueFile, 'queueName' | 'path'>, reason: string): void {
    if (isLogQueueName(queueName)) {
      this.#note({ queueName, path, reason });
    }
  }

  close(): void {
    for (const log of this.#open.values()) {
      closeLog(this.#spool.fs, log);
    }
  }

  #note(issue: LogIssue): void {
    if (!this.#hasIssue(issue.queueName)) {
      this.#issues.push(issue);
    }
  }

  #hasIssue(queueName: LogQueueName): boolean {
    return this.#issues.some((issue) => issue.queueName === queueName);
  }

  #attempt(queueName: LogQueueName, path: string, call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#note({ queueName, path, reason: reasonOf(error) });
    }
  }

  #openAt(queueName: LogQueueName, path: string): void {
    const { fs } = this.#spool;
    this.#attempt(queueName, path, () => {
      const fd = openIfThere(fs, absolutePath(this.#spool, path));
      if (fd !== undefined) {
        closeLog(fs, this.#open.get(queueName));
        this.#open.set(queueName, { queueName, fd, path });
      }
    });
  }

  /** Opens what stands there now, where it is not what is open. */
  #refresh(queues: readonly LogQueueName[]): void {
    for (const queueName of queues.filter((name) => !this.#hasIssue(name))) {
      const paths = logPaths(this.#spool, queueName, this.#owner);
      this.#attempt(queueName, paths[0] ?? queueName, () => {
        const found = findLog(this.#spool, paths);
        if (found !== undefined && !isOpen(this.#spool.fs, this.#open.get(queueName), found.status)) {
          this.#openAt(queueName, found.path);
        }
      });
    }
  }

  #describe(log: OpenLog): OpenQueueFile[] {
    const described: OpenQueueFile[] = [];
    this.#attempt(log.queueName, log.path, () => described.push(describe(this.#spool, log)));
    return described.filter(({ status }) => {
      if (status.type !== 'file') {
        this.#note({ queueName: log.queueName, path: log.path, reason: 'it is no regular file' });
      }
      return status.type === 'file';
    });
  }
}

/** What a listing says of the ID is of no use where the logs may have another. */
function isListedByName(owner: LogOwner): owner is LogOwner & { readonly listedIn: readonly LogQueueName[] } {
  return owner.listedIn !== undefined && parseQueueId(owner.id)?.inode === owner.inode;
}

function isOpen(fs: FileSystem, log: OpenLog | undefined, status: ReturnType<FileSystem['lstat']>): boolean {
  return log !== undefined && isSameFile(fs.fstat(log.fd), status);
}

function closeLog(fs: FileSystem, log: OpenLog | undefined): void {
  if (log !== undefined) {
    fs.close(log.fd);
  }
}

function findLog(
  spool: Spool,
  paths: readonly string[],
): { path: string; status: NonNullable<ReturnType<FileSystem['lstat']>> } | undefined {
  for (const path of paths) {
    const status = spool.fs.lstat(absolutePath(spool, path));
    if (status !== undefined) {
      return { path, status };
    }
  }
  return undefined;
}

/**
 * Where a log may be. `postsuper -s` renames the logs to the new ID with `#FIX`, then the message; and it never takes the
 * suffix off a trace log again (its list of default queues lacks trace).
 */
function logPaths(spool: Spool, queueName: LogQueueName, owner: LogOwner): string[] {
  const id = parseQueueId(owner.id);
  if (id === undefined) {
    return [];
  }
  const paths = pathsOf(spool, queueName, id);
  const suffixed = owner.isUnfinishedRename || queueName === 'trace' ? paths.slice() : [];
  if (id.inode !== owner.inode) {
    suffixed.push(...pathsOf(spool, queueName, withInode(id, owner.inode)));
  }
  return [...paths, ...suffixed.map((path) => path + UNFINISHED_RENAME_SUFFIX)];
}
