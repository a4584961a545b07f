/** The logs that are missing in the archive, and why: a directory that can't be listed is named once, not for each message. */

import { LOG_QUEUES } from '../queue/queue-name.ts';
import type { UnlistedLogs } from '../spool/log-listing.ts';
import { reasonOf } from '../spool/reason.ts';
import type { UnreadableFile } from './options.ts';
import type { UnreadableLog } from './pack-batch.ts';

export class LogProblems {
  /** Of each directory that can't be listed, why. */
  readonly #directories = new Map<string, string>();
  readonly #logs = new Map<string, UnreadableLog>();

  noteUnlisted(errors: readonly UnlistedLogs[]): void {
    for (const { path, error } of errors) {
      this.#directories.set(path, reasonOf(error));
    }
  }

  /** A log that may be in such a directory, and can't be looked for there for the same reason, is told with it. */
  note(log: UnreadableLog): void {
    const isTold = [...this.#directories].some(
      ([path, reason]) => log.path.startsWith(`${path}/`) && log.reason === reason,
    );
    if (!isTold) {
      this.#logs.set(log.path, log);
    }
  }

  list(): UnreadableFile[] {
    const directories = [...this.#directories].map(([path, reason]) => ({
      queue_name: LOG_QUEUES.find((name) => path === name || path.startsWith(`${name}/`)) ?? path,
      queue_id: path.includes('/') ? path.slice(path.indexOf('/') + 1) : '',
      reason: `the directory of logs can't be listed: ${reason}`,
    }));
    const logs = [...this.#logs.values()].map(({ queueName, queueId, reason }) => ({
      queue_name: queueName,
      queue_id: queueId,
      reason,
    }));
    return [...directories, ...logs];
  }
}
