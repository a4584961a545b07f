/** The queue directory that is restored into, checked before the first write. */

import { join } from 'node:path';
import { OperatorError, SystemError } from '../errors.ts';
import type { FileSystem } from '../fs/file-system.ts';
import { createUnique, safeLink, safeUnlink } from '../fs/nfs-safe.ts';
import { systemError, unlessErrno } from '../fs/system-error.ts';
import { stateDirectory } from '../journal/state-directory.ts';
import { hashDepth, type QueueLayout } from '../queue/layout.ts';
import type { QueueName } from '../queue/queue-name.ts';
import { directoriesText, MAKE_QUEUES, missingQueues } from '../spool/missing-queues.ts';

/**
 * Every queue that will get files must be there, and on the file system of the staging directory, with its hash
 * directories: names are given by link(2), which does not reach beyond it.
 *
 * @throws OperatorError 'not-found', SystemError 'refused'
 */
export function checkQueues(
  fs: FileSystem,
  { queueDirectory, layout }: { readonly queueDirectory: string; readonly layout: QueueLayout },
  queues: Iterable<QueueName>,
): void {
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

function refuseMissing(fs: FileSystem, queueDirectory: string, queues: readonly QueueName[]): void {
  const missing = missingQueues(fs, queueDirectory, queues);
  if (missing.length > 0) {
    throw new OperatorError('not-found', `${queueDirectory} lacks ${directoriesText(missing)}`, {
      path: join(queueDirectory, missing[0] ?? ''),
      nextStep: MAKE_QUEUES,
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

const TRIAL = /^try-.*\.tmp(?:\.link)?$/u;

/**
 * Tries a hard link before anything is staged. To be called with the lock held: it sweeps what earlier trials left.
 *
 * @throws SystemError 'refused' where there are none
 */
export function checkHardLinks(fs: FileSystem, queueDirectory: string, randomName: () => string): void {
  const directory = stateDirectory(queueDirectory);
  for (const stray of fs.readdir(directory).filter((name) => TRIAL.test(name))) {
    safeUnlink(fs, join(directory, stray));
  }
  const nextPath = (): string => join(directory, `try-${randomName()}.tmp`);
  const { fd, path } = createUnique(fs, nextPath, 0o600);
  fs.close(fd);
  const second = `${path}.link`;
  try {
    safeLink(fs, path, second);
  } catch (error) {
    throw systemError(error, {
      action: 'no hard links can be made in',
      path: directory,
      nextStep: 'A mail queue needs a file system with hard links.',
    });
  } finally {
    safeUnlink(fs, path);
    safeUnlink(fs, second);
  }
}
