/** Whether each file that a drill restored is the one of the archive, byte for byte, and one that Postfix would take. */

import { join } from 'node:path';
import { digestOfDescriptor } from '../fs/descriptor-digest.ts';
import { errnoText } from '../fs/errno-text.ts';
import type { FileSystem } from '../fs/file-system.ts';
import { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } from '../fs/open-flags.ts';
import { errnoOf } from '../fs/system-error.ts';
import { possiblePaths, type QueueLayout } from '../queue/layout.ts';
import { parseQueueId } from '../queue/queue-id.ts';
import type { MessageQueueName } from '../queue/queue-name.ts';

/** A message where the restore says that it is. */
export interface PlacedMessage {
  readonly queueName: MessageQueueName;
  readonly queueId: string;
  /** Of the archive's catalogue: hexadecimal. */
  readonly sha256: string;
}

export interface FileProofOptions {
  readonly fs: FileSystem;
  readonly queueDirectory: string;
  readonly layout: QueueLayout;
}

/** The file of a message, and what is wrong with it. */
export interface ProvenFile {
  readonly path: string;
  /** Undefined: nothing. */
  readonly fault: string | undefined;
}

/** mail_open_ok.c: an owner's rwx is what makes a queue file ready. */
const READY = 0o700;

export function proveFile(
  { queueName, queueId, sha256 }: PlacedMessage,
  { fs, queueDirectory, layout }: FileProofOptions,
): ProvenFile {
  const id = parseQueueId(queueId);
  const paths = id === undefined ? [] : possiblePaths(layout, queueName, id).map((path) => join(queueDirectory, path));
  const path = paths.find((candidate) => fs.lstat(candidate) !== undefined);
  if (path === undefined) {
    return { path: paths[0] ?? queueId, fault: 'it is not where the restore put it' };
  }
  if (path !== paths[0]) {
    return { path, fault: 'it is in a hash directory where Postfix does not look' };
  }
  try {
    return { path, fault: faultOf(fs, path, { queueName, sha256 }) };
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === undefined) {
      throw error;
    }
    return { path, fault: `it can't be read: ${errnoText(errno)}` };
  }
}

function faultOf(
  fs: FileSystem,
  path: string,
  { queueName, sha256 }: Pick<PlacedMessage, 'queueName' | 'sha256'>,
): string | undefined {
  const fd = fs.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const { type, links, mode } = fs.fstat(fd);
    if (type !== 'file' || links !== 1) {
      return `it is no plain file with one link, but ${links}`;
    }
    // postsuper(1) and qmgr leave files in corrupt without these bits.
    if (queueName !== 'corrupt' && (mode & READY) !== READY) {
      return `its mode is 0${mode.toString(8)}: Postfix passes it over`;
    }
    return digestOfDescriptor(fs, fd) === sha256 ? undefined : 'its content is not that of the archive';
  } finally {
    fs.close(fd);
  }
}
