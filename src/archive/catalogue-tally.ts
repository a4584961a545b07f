/** Counts over the lines of a catalogue, for the seal and against it. */

import type { MessageState } from '../format/catalogue-line.ts';
import type { CatalogueTotals, QueueTotals } from '../format/seal.ts';
import { isMessageQueueName, type MessageQueueName, type QueueName } from '../queue/queue-name.ts';

interface CountedLine {
  readonly queueName: QueueName;
  readonly fileSize: number;
  readonly malformed: boolean;
}

export class CatalogueTally {
  readonly #byQueue = new Map<MessageQueueName, QueueTotals>();
  #left = 0;
  #logs = 0;
  #malformed = 0;
  #messages = 0;
  #bytes = 0;

  /** @param state of a message; undefined for a log. */
  count({ queueName, fileSize, malformed }: CountedLine, state: MessageState | undefined): void {
    this.#bytes += fileSize;
    this.#malformed += malformed ? 1 : 0;
    switch (state) {
      case undefined:
        this.#logs += 1;
        break;
      case 'left':
        this.#left += 1;
        break;
      case 'queued':
        this.#messages += 1;
        this.#countInQueue(queueName, fileSize);
        break;
    }
  }

  #countInQueue(queueName: QueueName, fileSize: number): void {
    if (isMessageQueueName(queueName)) {
      const { messages, bytes } = this.#byQueue.get(queueName) ?? { messages: 0, bytes: 0 };
      this.#byQueue.set(queueName, { messages: messages + 1, bytes: bytes + fileSize });
    }
  }

  totals(): CatalogueTotals {
    return {
      messages: this.#messages,
      left: this.#left,
      logs: this.#logs,
      malformed: this.#malformed,
      bytes: this.#bytes,
      by_queue: Object.fromEntries(this.#byQueue),
    };
  }
}
