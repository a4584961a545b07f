/** Looks at the directories of a queue: whose they are, and what may be done in them. */

import type { FileStatus, FileSystem } from '../fs/file-system.ts';
import { unlessRefused } from '../fs/system-error.ts';
import { type DirectoryFault, directoryFaults, ITSELF } from '../queue/directory-fault.ts';
import { QUEUES } from '../queue/queue-name.ts';
import { type DirectoryOwners, QUEUE_DIRECTORIES } from '../queue/rights.ts';
import { walkDirectories } from './spool.ts';

/** What is wrong with the directories that are there. Postfix makes what is missing when it starts. */
export function lookAtDirectories(fs: FileSystem, queueDirectory: string, owners: DirectoryOwners): DirectoryFault[] {
  return [ITSELF, ...QUEUE_DIRECTORIES, ...hashDirectories(fs, queueDirectory)].flatMap((directory) => {
    const status = statusOf(fs, `${queueDirectory}/${directory}`);
    return status?.type === 'directory' ? directoryFaults(directory, status, owners) : [];
  });
}

function* hashDirectories(fs: FileSystem, queueDirectory: string): Generator<string> {
  for (const { name } of QUEUES) {
    for (const { path, depth } of walkDirectories(fs, queueDirectory, name)) {
      if (depth > 0) {
        yield path;
      }
    }
  }
}

/** Of a link what it leads to. What can't be looked at is told of the directory above it. */
function statusOf(fs: FileSystem, path: string): FileStatus | undefined {
  const status = unlessRefused(() => fs.lstat(path));
  return status?.type === 'directory' ? status : unlessRefused(() => fs.lstat(`${path}/.`));
}
