import { type LogEntry, readLog } from '../../../src/log/log-entry.ts';
import type { LogQueueName } from '../../../src/queue/queue-name.ts';

/** The entries of a log that is in memory. */
export function parseLog(bytes: Uint8Array, queueName: LogQueueName, smtputf8 = true): readonly LogEntry[] {
  return readLog([bytes], queueName, smtputf8).entries;
}
