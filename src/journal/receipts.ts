/** Which messages were restored into a queue directory before. */

import type { FileSystem } from '../fs/file-system.ts';
import { unlessErrno } from '../fs/system-error.ts';
import { lastingSender } from '../record/lineage.ts';
import type { SoughtMessage } from '../spool/target-messages.ts';
import { DigestTable } from '../table/digest-table.ts';
import { LineageTable } from '../table/lineage-table.ts';
import { isRepair } from './journal.ts';
import { journalEntries, readSoundJournal } from './journal-file.ts';
import { GIVEN_UP } from './marks.ts';
import type { ReceiptHead, ReceiptRecord } from './receipt.ts';
import { readReceipt, recordOf } from './receipt-file.ts';
import { isReceipt, listJournals, listReceipts, receiptPath } from './state-directory.ts';

/** What receipts and journals of a queue directory say was restored into it, whichever snapshot it came from. */
export interface Receipts {
  /** The new IDs of messages of which nobody can tell whether Postfix had them, by fingerprint. */
  readonly uncertain: ReadonlyMap<string, string>;
  /** The restore that has put the message into the queue; of several the last one. */
  readonly find: (message: SoughtMessage) => Receipt | undefined;
}

/** A restore: the absolute path of what was restored, or `-` for standard input, and when it began. */
export type Receipt = Pick<ReceiptHead, 'archive' | 'started'>;

/**
 * Reads all receipts, and the journals that are none yet. A message is known by its fingerprint. pickup(8) and cleanup(8)
 * write a new file, with another one: so what was in maildrop, in this archive or when it was restored, is known by its
 * lineage as well. What was given up is not known.
 *
 * @param options anySender: whether cleanup(8) may have made another sender of one
 */
export function readReceipts(
  fs: FileSystem,
  queueDirectory: string,
  { anySender }: { readonly anySender: boolean },
): Receipts {
  const known = new KnownMessages();
  // A journal that becomes a receipt meanwhile is in one of the two lists: receipts are listed after journals. A dry run
  // has no lock: one that becomes a receipt after both is read as that.
  const journals = listJournals(fs, queueDirectory);
  const all = [...journals, ...listReceipts(fs, queueDirectory)];
  // Their names begin with the time.
  for (const path of all.sort()) {
    if (isReceipt(path)) {
      noteReceipt(fs, path, known);
    } else if (unlessErrno(['ENOENT'], () => noteJournal(fs, path, known)) === undefined) {
      unlessErrno(['ENOENT'], () => noteReceipt(fs, receiptPath(path), known));
    }
  }
  return { uncertain: known.uncertain, find: (message) => known.find(message, anySender) };
}

function noteJournal(fs: FileSystem, path: string, known: KnownMessages): 'noted' {
  const { head, moves, states } = readSoundJournal(fs, path);
  if (isRepair(head)) {
    // What it renamed was in the queue before: no archive's message was restored by it.
    return 'noted';
  }
  const number = known.begin();
  known.name(number, head);
  const isWanted = (index: number): boolean => states.of(index) !== GIVEN_UP;
  for (const { index, entry } of journalEntries(fs, path, { moves, isWanted })) {
    known.note(recordOf(entry, states.of(index)), number);
  }
  return 'noted';
}

function noteReceipt(fs: FileSystem, path: string, known: KnownMessages): void {
  const number = known.begin();
  const head = readReceipt(fs, path, (record) => known.note(record, number));
  known.name(number, head);
}

/** The messages of all restores, each with the number of its restore. */
class KnownMessages {
  readonly uncertain = new Map<string, string>();
  readonly #fingerprints = new DigestTable();
  readonly #lineages = new LineageTable();
  readonly #restores: (Receipt | undefined)[] = [];

  /** The number of a restore, which gets its name later. */
  begin(): number {
    return this.#restores.push(undefined) - 1;
  }

  name(number: number, { archive, started }: Receipt): void {
    this.#restores[number] = { archive, started };
  }

  note({ fingerprint, origin, submission, sender = '', uncertainId }: ReceiptRecord, number: number): void {
    this.#fingerprints.set(fingerprint, number);
    if (uncertainId !== undefined) {
      this.uncertain.set(fingerprint, uncertainId);
    }
    const descent = { submission, origin: origin ?? null, sender: { digest: sender } };
    this.#lineages.noteOrigin(descent, number);
    this.#lineages.noteSubmission(descent, number);
  }

  find(message: SoughtMessage, anySender: boolean): Receipt | undefined {
    if (this.#fingerprints.isEmpty) {
      return undefined;
    }
    const descent = { ...message, sender: lastingSender(message.sender) };
    const number =
      this.#fingerprints.get(message.fingerprint) ??
      (message.queueName === 'maildrop' ? this.#lineages.successorOf(descent, anySender) : undefined) ??
      this.#lineages.predecessorOf(descent, anySender);
    return number === undefined ? undefined : this.#restores[number];
  }
}
