/** What a restore will write in all, known before its first write: the room that it takes, and the queues that it needs. */

import type { CatalogueLine } from '../format/catalogue-line.ts';
import type { QueueName } from '../queue/queue-name.ts';
import type { Decision, PlannedMessage } from './decision.ts';

/** What files take on disk is rounded up to blocks; 4 KiB is what ext4, xfs and btrfs use. */
const BLOCK_BYTES = 4096;

export interface Outlook {
  readonly messages: number;
  readonly files: number;
  /** Content, rounded up to blocks file by file. */
  readonly bytes: number;
  /** The queues, of messages and logs, that files will be put into, and how many. */
  readonly queues: ReadonlyMap<QueueName, number>;
}

/** Adds up decisions and the logs that follow them, in the order of the catalogue. */
export class OutlookSum {
  readonly #queues = new Map<QueueName, number>();
  #current: PlannedMessage | undefined;
  #messages = 0;
  #files = 0;
  #bytes = 0;

  /** @param decision about the line, if it is a message */
  add(line: CatalogueLine, decision: Decision | undefined): void {
    if (line.kind === 'message') {
      this.#current = decision?.kind === 'restore' ? decision : undefined;
      if (this.#current !== undefined) {
        this.#messages += 1;
        this.#addFile(this.#current.destination, line.file_size);
      }
    } else if (this.#current?.withLogs === true && line.queue_id === this.#current.message.queue_id) {
      this.#addFile(line.queue_name, line.file_size);
    }
  }

  #addFile(queue: QueueName, size: number): void {
    this.#queues.set(queue, (this.#queues.get(queue) ?? 0) + 1);
    this.#files += 1;
    this.#bytes += Math.ceil(size / BLOCK_BYTES) * BLOCK_BYTES;
  }

  outlook(): Outlook {
    return { messages: this.#messages, files: this.#files, bytes: this.#bytes, queues: this.#queues };
  }
}
