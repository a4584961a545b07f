/** The messages of a target queue, and the search for those of an archive among them. */

import type { Place } from '../queue/place.ts';
import { MESSAGE_QUEUES, type MessageQueueName } from '../queue/queue-name.ts';
import { type Lineage, lastingSender } from '../record/lineage.ts';
import { DigestTable } from '../table/digest-table.ts';
import { LineageTable } from '../table/lineage-table.ts';
import type { QueueIdTable } from '../table/queue-id-table.ts';

/** What is known of a message of the archive that may be in the target. */
export interface SoughtMessage {
  readonly queueName: MessageQueueName;
  readonly fingerprint: string;
  /** See record/lineage.ts. */
  readonly submission?: string | undefined;
  readonly origin?: string | null | undefined;
  /** As postqueue(1) prints it. */
  readonly sender: string;
}

/** What a message of the target is known by. */
export interface Identity {
  readonly fingerprint: string;
  /** Absent where nothing of the archive can be of the same lineage. */
  readonly lineage?: Lineage | undefined;
  /** As postqueue(1) prints it. */
  readonly sender: string;
}

/** There may be a million: a place is kept as one number. */
export class TargetMessages {
  readonly #ids: QueueIdTable;
  readonly #anySender: boolean;
  readonly #byFingerprint = new DigestTable();
  readonly #lineages = new LineageTable();

  /** @param anySender whether cleanup(8) may have made another sender of one */
  constructor(ids: QueueIdTable, anySender: boolean) {
    this.#ids = ids;
    this.#anySender = anySender;
  }

  /** @param index the queue ID's number */
  note(index: number, queueName: MessageQueueName, { fingerprint, lineage, sender }: Identity): void {
    const place = index * MESSAGE_QUEUES.length + MESSAGE_QUEUES.indexOf(queueName);
    this.#byFingerprint.set(fingerprint, place);
    if (lineage !== undefined) {
      const descent = { ...lineage, sender: lastingSender(sender) };
      this.#lineages.noteOrigin(descent, place);
      if (queueName === 'maildrop') {
        this.#lineages.noteSubmission(descent, place);
      }
    }
  }

  /** Where the message stands, as it is or as pickup(8) and cleanup(8) wrote it anew. */
  find(message: SoughtMessage): Place | undefined {
    return this.#byFingerprint.isEmpty
      ? undefined
      : this.#place(this.#byFingerprint.get(message.fingerprint) ?? this.#findLineage(message));
  }

  #findLineage(message: SoughtMessage): number | undefined {
    const descent = { ...message, sender: lastingSender(message.sender) };
    const successor =
      message.queueName === 'maildrop' ? this.#lineages.successorOf(descent, this.#anySender) : undefined;
    return successor ?? this.#lineages.predecessorOf(descent, this.#anySender);
  }

  #place(number: number | undefined): Place | undefined {
    const queueName = MESSAGE_QUEUES[(number ?? 0) % MESSAGE_QUEUES.length];
    return number === undefined || queueName === undefined
      ? undefined
      : { queueName, queueId: this.#ids.text(Math.floor(number / MESSAGE_QUEUES.length)) };
  }
}
