/** Which messages were restored into a queue directory before. */

import type { FileSystem } from '../fs/file-system.ts';
import { lastingSender } from '../record/lineage.ts';
import type { SoughtMessage } from '../spool/target-messages.ts';
import { DigestSet } from '../table/digest-set.ts';
import { LineageTable } from '../table/lineage-table.ts';
import { isRepair } from './journal.ts';
import { journalEntries, readSoundJournal } from './journal-file.ts';
import { GIVEN_UP, UNCERTAIN } from './marks.ts';
import { listJournals } from './state-directory.ts';

/** What the journals of a queue directory say was restored into it, whichever snapshot it came from. */
export interface Receipts {
  /** The new IDs of messages of which nobody can tell whether Postfix had them, by fingerprint. */
  readonly uncertain: ReadonlyMap<string, string>;
  readonly has: (message: SoughtMessage) => boolean;
}

/**
 * Reads all journals. A message is known by its fingerprint. pickup(8) and cleanup(8) write a new file, with another one:
 * so what was in maildrop, in this archive or when it was restored, is known by its lineage as well. What was given up is
 * not known.
 *
 * @param options anySender: whether cleanup(8) may have made another sender of one
 */
export function readReceipts(
  fs: FileSystem,
  queueDirectory: string,
  { anySender }: { readonly anySender: boolean },
): Receipts {
  const fingerprints = new DigestSet();
  const lineages = new LineageTable();
  const uncertain = new Map<string, string>();
  for (const path of listJournals(fs, queueDirectory)) {
    const { head, moves, states } = readSoundJournal(fs, path);
    if (isRepair(head)) {
      // What it renamed was in the queue before: no archive's message was restored by it.
      continue;
    }
    for (const { index, entry } of journalEntries(fs, path, { moves })) {
      if (states.of(index) === GIVEN_UP) {
        continue;
      }
      fingerprints.add(entry.fingerprint);
      if (states.of(index) === UNCERTAIN) {
        uncertain.set(entry.fingerprint, entry.newQueueId);
      }
      const descent = { ...entry, sender: entry.sender ?? '' };
      lineages.noteOrigin(descent, 0);
      if (entry.queueName === 'maildrop' || entry.newQueueName === 'maildrop') {
        lineages.noteSubmission(descent, 0);
      }
    }
  }
  return {
    uncertain,
    has: (message) => {
      const descent = { ...message, sender: lastingSender(message.sender) };
      return (
        fingerprints.has(message.fingerprint) ||
        (message.queueName === 'maildrop' && lineages.successorOf(descent, anySender) !== undefined) ||
        lineages.predecessorOf(descent, anySender) !== undefined
      );
    },
  };
}
