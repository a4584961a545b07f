/** Which messages were restored into a queue directory before. */

import type { FileSystem } from '../fs/file-system.ts';
import { lastingSender } from '../record/lineage.ts';
import type { SoughtMessage } from '../spool/target-messages.ts';
import { DigestTable } from '../table/digest-table.ts';
import { LineageTable } from '../table/lineage-table.ts';
import { isRepair } from './journal.ts';
import { journalEntries, readSoundJournal } from './journal-file.ts';
import { GIVEN_UP, UNCERTAIN } from './marks.ts';
import { listJournals } from './state-directory.ts';

/** What the journals of a queue directory say was restored into it, whichever snapshot it came from. */
export interface Receipts {
  /** The new IDs of messages of which nobody can tell whether Postfix had them, by fingerprint. */
  readonly uncertain: ReadonlyMap<string, string>;
  /** The restore that has put the message into the queue; of several the last one. */
  readonly find: (message: SoughtMessage) => Receipt | undefined;
}

/** A restore that is done. */
export interface Receipt {
  /** The absolute path of what was restored; `-` is standard input. */
  readonly archive: string;
  /** ISO 8601 with zone. */
  readonly started: string;
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
  const receipts: Receipt[] = [];
  const fingerprints = new DigestTable();
  const lineages = new LineageTable();
  const uncertain = new Map<string, string>();
  for (const path of listJournals(fs, queueDirectory)) {
    const { head, moves, states } = readSoundJournal(fs, path);
    if (isRepair(head)) {
      // What it renamed was in the queue before: no archive's message was restored by it.
      continue;
    }
    const number = receipts.push({ archive: head.archive, started: head.started }) - 1;
    for (const { index, entry } of journalEntries(fs, path, { moves })) {
      if (states.of(index) === GIVEN_UP) {
        continue;
      }
      fingerprints.set(entry.fingerprint, number);
      if (states.of(index) === UNCERTAIN) {
        uncertain.set(entry.fingerprint, entry.newQueueId);
      }
      const descent = { ...entry, sender: entry.sender ?? '' };
      lineages.noteOrigin(descent, number);
      if (entry.queueName === 'maildrop' || entry.newQueueName === 'maildrop') {
        lineages.noteSubmission(descent, number);
      }
    }
  }
  return {
    uncertain,
    find: (message) => {
      const descent = { ...message, sender: lastingSender(message.sender) };
      const number =
        fingerprints.get(message.fingerprint) ??
        (message.queueName === 'maildrop' ? lineages.successorOf(descent, anySender) : undefined) ??
        lineages.predecessorOf(descent, anySender);
      return number === undefined ? undefined : receipts[number];
    },
  };
}
