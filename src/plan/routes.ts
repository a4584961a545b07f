/** Where messages go: how many of each queue to each, of what size and age. */

import type { MessageLine } from '../format/catalogue-line.ts';
import { MESSAGE_QUEUES, type MessageQueueName } from '../queue/queue-name.ts';

/** The messages of one queue of the archive that go to one queue of the target. */
export interface RouteTotals {
  readonly from: MessageQueueName;
  readonly to: MessageQueueName;
  readonly messages: number;
  /** Of their queue files. */
  readonly bytes: number;
  /** The first arrival and the last one, in seconds since the epoch. */
  readonly oldest: number;
  readonly newest: number;
}

/** Adds up messages by the way that they go. */
export class RouteSum {
  readonly #totals = new Map<string, RouteTotals>();

  add(
    { queue_name: from, file_size, arrival_time }: Pick<MessageLine, 'queue_name' | 'file_size' | 'arrival_time'>,
    to: MessageQueueName,
  ): void {
    const key = `${from} ${to}`;
    const before = this.#totals.get(key);
    this.#totals.set(key, {
      from,
      to,
      messages: (before?.messages ?? 0) + 1,
      bytes: (before?.bytes ?? 0) + file_size,
      oldest: Math.min(before?.oldest ?? arrival_time, arrival_time),
      newest: Math.max(before?.newest ?? arrival_time, arrival_time),
    });
  }

  /** In the order of the queues. */
  list(): RouteTotals[] {
    const rank = (name: MessageQueueName): number => MESSAGE_QUEUES.indexOf(name);
    return [...this.#totals.values()].sort(
      (one, other) => rank(one.from) - rank(other.from) || rank(one.to) - rank(other.to),
    );
  }
}
