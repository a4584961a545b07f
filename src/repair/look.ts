/** Looks over a queue directory: every name in it, and what the messages' bytes say. Nothing is changed. */

import { DescriptorSource } from '../fs/descriptor-source.ts';
import type { FileStatus, FileSystem } from '../fs/file-system.ts';
import { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } from '../fs/open-flags.ts';
import { unlessRefused } from '../fs/system-error.ts';
import { listStagings, stateDirectory } from '../journal/state-directory.ts';
import { journalsToFinish } from '../journal/unfinished.ts';
import { LOG_QUEUES, MESSAGE_QUEUES, type MessageQueueName, type QueueName } from '../queue/queue-name.ts';
import { QUEUE_DIRECTORIES } from '../queue/rights.ts';
import { type ExaminationLimits, examineQueueFile } from '../record/examine.ts';
import { reasonOf } from '../spool/reason.ts';
import { walkDirectories } from '../spool/spool.ts';
import {
  type Content,
  isLive,
  type QueueFacts,
  readName,
  type SeenDirectory,
  type SeenFile,
  type UnseenFile,
} from './facts.ts';

/** What an NFS client makes of a file that is removed while it is open: it goes by itself. */
const NFS_REMOVED = /^\.nfs[0-9a-f]+$/iu;

export interface LookOptions {
  readonly fs: FileSystem;
  readonly queueDirectory: string;
  /** Whether messages are read, too. */
  readonly reads: boolean;
  readonly limits: ExaminationLimits;
  /** Called for each file. */
  readonly onFile?: () => void;
}

/** Looks over all queues and their logs. */
export function lookOver(options: LookOptions): QueueFacts {
  const directories: SeenDirectory[] = [];
  const files: SeenFile[] = [];
  const unseen: UnseenFile[] = [];
  let isListed = true;
  for (const queueName of [...MESSAGE_QUEUES, ...LOG_QUEUES]) {
    for (const { path, depth, files: names, error } of walkDirectories(options.fs, options.queueDirectory, queueName)) {
      if (depth > 0 || error !== undefined) {
        directories.push(seenDirectory(options, path, error));
      }
      isListed &&= error === undefined;
      for (const name of names.filter((one) => !NFS_REMOVED.test(one))) {
        const file = seenFile(options, { queueName, directory: path, name });
        if (file === undefined) {
          continue;
        }
        if ('reason' in file) {
          unseen.push(file);
        } else {
          files.push(file);
        }
        options.onFile?.();
      }
    }
  }
  const isPartial = !isListed || unseen.length > 0 || files.some(({ status }) => status.type === 'directory');
  return { isPartial, directories, files, unseen, leftovers: leftoversOf(options) };
}

function seenDirectory({ fs, queueDirectory }: LookOptions, path: string, error: unknown): SeenDirectory {
  const status = statusOf(fs, `${queueDirectory}/${path}`);
  return error === undefined ? { path, status } : { path, status, fault: reasonOf(error) };
}

/** What can't even be looked at counts as not there: the directory above it tells why. */
function statusOf(fs: FileSystem, path: string): ReturnType<FileSystem['lstat']> {
  return unlessRefused(() => fs.lstat(path));
}

interface Name {
  readonly queueName: QueueName;
  readonly directory: string;
  readonly name: string;
}

/** How Node.js shows bytes that are no UTF-8: by that name the file can't be found again. */
const NO_UTF8 = '\uFFFD';

/** Undefined: it has gone meanwhile. */
function seenFile(options: LookOptions, { queueName, directory, name }: Name): SeenFile | UnseenFile | undefined {
  const path = `${directory}/${name}`;
  let status: FileStatus | undefined;
  try {
    status = options.fs.lstat(`${options.queueDirectory}/${path}`);
  } catch (error) {
    return { path, queueName, reason: reasonOf(error) };
  }
  if (status === undefined) {
    return name.includes(NO_UTF8) ? { path, queueName, reason: 'its name is no text' } : undefined;
  }
  const { type, inode, mode, uid, gid, size, links, mtimeNs } = status;
  const said = readName(name);
  const isRead = options.reads && type === 'file' && said.id !== undefined && isLive(queueName);
  return {
    path,
    queueName,
    ...said,
    status: { type, inode, mode, uid, gid, size, links, mtimeNs },
    content: isRead ? readContent(options, path, queueName) : undefined,
  };
}

function readContent({ fs, queueDirectory, limits }: LookOptions, path: string, queue: MessageQueueName): Content {
  let fd: number;
  try {
    fd = fs.open(`${queueDirectory}/${path}`, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    return { kind: 'unread', reason: reasonOf(error) };
  }
  try {
    const { faults } = examineQueueFile(new DescriptorSource(fs, fd, fs.fstat(fd).size), queue, limits);
    // Nobody is left to deliver to: pickup(8) removes such a file rightly.
    const isSound = faults.every(({ kind }) => kind === 'missing-recipient');
    return isSound ? SOUND : { kind: 'faulty', faults };
  } catch (error) {
    return { kind: 'unread', reason: reasonOf(error) };
  } finally {
    fs.close(fd);
  }
}

const SOUND: Content = { kind: 'sound' };

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
