/**
 * Notices that a held message has in store for its sender. What bounced, or is to be reported as delivered, stands in
 * bounce/ID or trace/ID until the notice is made, and that is when the message is next tried (qmgr_active.c). After
 * `postsuper -r` the message has another ID, and nobody makes a notice of the log under the old one.
 * (test/postfix/release.test.ts)
 */

import type { FileSystem } from '../fs/file-system.ts';
import { unlessErrno } from '../fs/system-error.ts';
import { possiblePaths, type QueueLayout } from '../queue/layout.ts';
import { parseQueueId } from '../queue/queue-id.ts';

interface LaidOutQueue {
  readonly queueDirectory: string;
  readonly layout: QueueLayout;
}

/** @returns undefined where it can't be told: only root and mail_owner may look */
export function hasPendingNotice(
  fs: Pick<FileSystem, 'lstat'>,
  { queueDirectory, layout }: LaidOutQueue,
  queueId: string,
): boolean | undefined {
  const id = parseQueueId(queueId);
  if (id === undefined) {
    return false;
  }
  const paths = (['bounce', 'trace'] as const).flatMap((queue) => possiblePaths(layout, queue, id));
  return unlessErrno(['EACCES', 'EPERM'], () => {
    const isThere = (path: string): boolean =>
      unlessErrno(['ENOTDIR', 'ELOOP'], () => fs.lstat(`${queueDirectory}/${path}`)) !== undefined;
    return paths.some(isThere);
  });
}
