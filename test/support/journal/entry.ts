/** An entry of a journal: a deferred message of seven bytes. */

import type { JournalEntry } from '../../../src/journal/journal.ts';

export function journalEntry(inode: bigint, logs: JournalEntry['logs'] = []): JournalEntry {
  return {
    queueName: 'deferred',
    queueId: 'A00010F',
    fingerprint: '0'.repeat(64),
    newQueueName: 'deferred',
    newQueueId: 'A00011F',
    from: 'postsnap/run.staged/0/0.message',
    sha256: '0'.repeat(64),
    inode,
    size: 7,
    mode: 0o700,
    logs,
  };
}
