/** The queue directory that is restored into, checked before the first write. */

import { join } from 'node:path';
import { OperatorError, SystemError } from '../errors.ts';
import type { FileSystem } from '../fs/file-system.ts';
import { createUnique, safeLink, safeUnlink } from '../fs/nfs-safe.ts';
import { O_DIRECTORY, O_RDONLY } from '../fs/open-flags.ts';
import { errnoOf, systemError, unlessErrno } from '../fs/system-error.ts';
import { stateDirectory } from '../journal/state-directory.ts';
import { hashDepth, type QueueLayout } from '../queue/layout.ts';
import type { QueueName } from '../queue/queue-name.ts';
import { directoriesText, missingQueues } from '../spool/missing-queues.ts';

/**
 * Every queue that will get files must be there, and on the file system of the staging directory, with its hash
 * directories: names are given by link(2), which does not reach beyond it.
 *
 * @throws OperatorError `not-found`
 * @throws SystemError `refused`
 */
export function checkQueues(
  fs: FileSystem,
  { queueDirectory, layout }: { readonly queueDirectory: string; readonly layout: QueueLayout },
  queues: Iterable<QueueName>,
): void {
  refuseClosed(fs, queueDirectory);
  const state = fs.lstat(stateDirectory(queueDirectory)) ?? fs.lstat(queueDirectory);
  const wanted = [...queues];
  refuseMissing(fs, queueDirectory, wanted);
  for (const queue of wanted) {
    const path = join(queueDirectory, queue);
    for (const directory of forest(fs, path, hashDepth(layout, queue))) {
      // The dot: where a link leads to, too.
      const device = fs.lstat(`${directory}/.`)?.device;
      if (state !== undefined && device !== undefined && device !== state.device) {
        throw new SystemError('refused', `${directory} is on another file system than ${queueDirectory}`, {
          path: directory,
          errno: 'EXDEV',
          nextStep: 'Postfix itself renames files between its queues: put them on one file system.',
        });
      }
    }
  }
}

/** What is written is synced by way of the queue directory, which its owner alone may be able to open. */
function refuseClosed(fs: FileSystem, queueDirectory: string): void {
  try {
    fs.close(fs.open(queueDirectory, O_RDONLY | O_DIRECTORY));
  } catch (error) {
    const nextStep = 'Let others list it, as Postfix makes it (mode 0755).';
    throw systemError(error, { action: "can't open", path: queueDirectory, nextStep });
  }
}

function refuseMissing(fs: FileSystem, queueDirectory: string, queues: readonly QueueName[]): void {
  const missing = missingQueues(fs, queueDirectory, queues);
  if (missing.length > 0) {
    throw new OperatorError('not-found', `${queueDirectory} lacks ${directoriesText(missing)}`, {
      path: join(queueDirectory, missing[0] ?? ''),
      remedy: 'make-queues',
    });
  }
}

/** A queue's own directory and its hash directories, of which the last level, with the queue files, is not listed. */
function* forest(fs: FileSystem, directory: string, depth: number): Generator<string> {
  yield directory;
  if (depth > 0) {
    const names = unlessErrno(['ENOENT', 'ENOTDIR'], () => fs.readdir(directory)) ?? [];
    for (const name of names.filter(({ length }) => length === 1)) {
      yield* forest(fs, join(directory, name), depth - 1);
    }
  }
}

/** Left by trials of an earlier run that was killed. */
const TRIAL = /^try-.*\.tmp(?:\.link)?$/u;
/** The name that is tried in each directory: no queue ID, and the same at each run, so that the next one takes it back. */
const TRIED_NAME = 'postsnap.try';

/** Where links are tried. */
export interface LinkTrial {
  readonly queueDirectory: string;
  readonly layout: QueueLayout;
  /** The queues that will get files. */
  readonly queues: Iterable<QueueName>;
  readonly randomName: () => string;
}

/**
 * Tries a hard link into every directory that may get a file, before anything is staged: a directory that is root's, or a
 * mount of the same file system, is not seen by its device number, and after the journal is sealed it would keep messages
 * waiting. What is tried is gone again when this returns; a dry run does it, too. Where there is no state directory yet, the
 * links lead from the first of the queues.
 *
 * @throws SystemError `refused`: it names the directory
 */
export function tryLinks(fs: FileSystem, { queueDirectory, layout, queues, randomName }: LinkTrial): void {
  const directories = [...queues].flatMap((queue) => [
    ...forest(fs, join(queueDirectory, queue), hashDepth(layout, queue)),
  ]);
  const state = stateDirectory(queueDirectory);
  const [first] = directories;
  const origin = fs.lstat(state) === undefined ? first : state;
  if (origin === undefined) {
    return;
  }
  const { fd, path } = createTrial(fs, origin, randomName);
  fs.close(fd);
  try {
    for (const directory of [origin, ...directories]) {
      tryLink(fs, path, directory);
    }
  } finally {
    safeUnlink(fs, path);
  }
}

function createTrial(fs: FileSystem, origin: string, randomName: () => string): { fd: number; path: string } {
  try {
    return createUnique(fs, () => join(origin, `try-${randomName()}.tmp`), 0o600);
  } catch (error) {
    throw systemError(error, { action: "can't make a file in", path: origin, nextStep: GIVE_BACK });
  }
}

const GIVE_BACK = "Make it mail_owner's, with what is in it, and one file system with the other queues.";

function tryLink(fs: FileSystem, path: string, directory: string): void {
  const tried = join(directory, TRIED_NAME);
  try {
    if (safeLink(fs, path, tried) === 'exists') {
      safeUnlink(fs, tried);
      safeLink(fs, path, tried);
    }
  } catch (error) {
    const nextStep = isWithoutLinks(error) ? 'A mail queue needs a file system with hard links.' : GIVE_BACK;
    throw systemError(error, { action: 'no hard links can be made into', path: directory, nextStep });
  } finally {
    // What could not be made can't be removed either; the first error is the one to tell.
    unlessErrno(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR'], () => safeUnlink(fs, tried));
  }
}

/** link(2): EPERM is a file system without them. */
function isWithoutLinks(error: unknown): boolean {
  return ['EPERM', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(errnoOf(error) ?? '');
}

/** Removes what trials of an earlier run have left. To be called with the lock held. */
export function sweepTrials(fs: FileSystem, queueDirectory: string): void {
  const directory = stateDirectory(queueDirectory);
  for (const stray of fs.readdir(directory).filter((name) => TRIAL.test(name))) {
    safeUnlink(fs, join(directory, stray));
  }
}
