/**
 * Which logs stand in a queue directory. Logs do not move while Postfix runs, so one listing does; it spares a look for
 * each of three logs of each message.
 */

import { UNFINISHED_RENAME_SUFFIX } from '../queue/queue-id.ts';
import { LOG_QUEUES, type LogQueueName } from '../queue/queue-name.ts';
import { Column } from '../table/column.ts';
import { QueueIdTable } from '../table/queue-id-table.ts';
import { type Spool, walkDirectories } from './spool.ts';

export interface LogListing {
  /** The log queues that hold a log of this ID, or can't be listed. `ID#FIX` counts as ID: it will be again. */
  queuesOf(queueId: string): readonly LogQueueName[];
  /** Why directories can't be listed. */
  readonly errors: readonly UnlistedLogs[];
}

/** A directory of logs that can't be listed. */
export interface UnlistedLogs {
  readonly queueName: LogQueueName;
  /** Relative to the queue directory: `defer/A`. */
  readonly path: string;
  readonly error: unknown;
}

/** All sets of log queues: a bit for each queue, in the order of LOG_QUEUES. */
const SETS: readonly (readonly LogQueueName[])[] = Array.from({ length: 2 ** LOG_QUEUES.length }, (_, bits) =>
  LOG_QUEUES.filter((_name, bit) => (bits & (1 << bit)) !== 0),
);

/** Lists the log queues. */
export function listLogs({ fs, queueDirectory }: Spool): LogListing {
  const table = new LogTable();
  const errors: UnlistedLogs[] = [];
  let unlisted = 0;
  for (const [bit, queueName] of LOG_QUEUES.entries()) {
    for (const { path, files, error } of walkDirectories(fs, queueDirectory, queueName)) {
      if (error !== undefined) {
        errors.push({ queueName, path, error });
        unlisted |= 1 << bit;
      }
      table.note(files, 1 << bit);
    }
  }
  return {
    queuesOf: (queueId) => SETS[table.bitsOf(queueId) | unlisted] ?? LOG_QUEUES,
    errors,
  };
}

/** Which log queues each ID was seen in, a bit for each. */
class LogTable {
  readonly #ids = new QueueIdTable();
  readonly #bits = new Column((length) => new Uint8Array(length));

  note(names: readonly string[], bit: number): void {
    for (const name of names) {
      const index = this.#ids.add(withoutSuffix(name));
      this.#bits.reserve(index + 1);
      this.#bits.values[index] = (this.#bits.values[index] ?? 0) | bit;
    }
  }

  bitsOf(queueId: string): number {
    const index = this.#ids.find(queueId);
    return index === -1 ? 0 : (this.#bits.values[index] ?? 0);
  }
}

function withoutSuffix(name: string): string {
  return name.endsWith(UNFINISHED_RENAME_SUFFIX) ? name.slice(0, -UNFINISHED_RENAME_SUFFIX.length) : name;
}
