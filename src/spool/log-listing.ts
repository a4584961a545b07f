/**
 * Which logs stand in a queue directory. Logs do not move while Postfix runs, so one listing does; it spares a look for
 * each of three logs of each message.
 */

import { UNFINISHED_RENAME_SUFFIX } from '../queue/queue-id.ts';
import { LOG_QUEUES, type LogQueueName } from '../queue/queue-name.ts';
import { grown, QueueIdTable } from './queue-id-table.ts';
import { type SpoolSource, walkDirectories } from './source.ts';

export interface LogListing {
  /** The log queues that hold a log of this ID, or can't be listed. `ID#FIX` counts as ID: it will be again. */
  queuesOf(queueId: string): readonly LogQueueName[];
  /** Why directories can't be listed. */
  readonly errors: readonly { readonly queueName: LogQueueName; readonly error: unknown }[];
}

/** All sets of log queues: a bit for each queue, in the order of LOG_QUEUES. */
const SETS: readonly (readonly LogQueueName[])[] = Array.from({ length: 2 ** LOG_QUEUES.length }, (_, bits) =>
  LOG_QUEUES.filter((_name, bit) => (bits & (1 << bit)) !== 0),
);

/** Lists the log queues. */
export function listLogs({ fs, queueDirectory }: SpoolSource): LogListing {
  const ids = new QueueIdTable();
  const errors: { queueName: LogQueueName; error: unknown }[] = [];
  let queues: Uint8Array = new Uint8Array(1024);
  let unlisted = 0;
  for (const [bit, queueName] of LOG_QUEUES.entries()) {
    for (const { files, error } of walkDirectories(fs, queueDirectory, queueName)) {
      if (error !== undefined) {
        errors.push({ queueName, error });
        unlisted |= 1 << bit;
      }
      for (const name of files) {
        const index = ids.add(withoutSuffix(name));
        queues = index < queues.length ? queues : grown(queues, new Uint8Array(queues.length * 2));
        queues[index] = (queues[index] ?? 0) | (1 << bit);
      }
    }
  }
  return {
    queuesOf: (queueId) => {
      const index = ids.find(queueId);
      return SETS[(index === -1 ? 0 : (queues[index] ?? 0)) | unlisted] ?? LOG_QUEUES;
    },
    errors,
  };
}

function withoutSuffix(name: string): string {
  return name.endsWith(UNFINISHED_RENAME_SUFFIX) ? name.slice(0, -UNFINISHED_RENAME_SUFFIX.length) : name;
}
