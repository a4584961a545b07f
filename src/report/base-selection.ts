/** What the numbers of a report count: mail that Postfix delivers, or will once it is told to. Pure. */

import type { Seal } from '../format/seal.ts';
import type { Criteria, SelectionOptions } from '../plan/criteria.ts';
import type { MessageQueueName } from '../queue/queue-name.ts';

/** In the order in which mail goes through them. */
export const LIVE_QUEUES: readonly MessageQueueName[] = ['maildrop', 'incoming', 'active', 'deferred', 'hold'];

/** Years of four digits: the times that a selection can name. */
const [EARLIEST, LATEST] = [0, 253_402_300_799] as const;

/** Selects what a report counts, and parts of it, by as few criteria as the archive allows. */
export class BaseSelection {
  readonly #base: Criteria;
  readonly #states: Pick<Criteria, 'states'>;

  constructor({ left, by_queue }: Pick<Seal, 'left' | 'by_queue'>) {
    const isAllLive = left === 0 && by_queue.corrupt === undefined && by_queue.saved === undefined;
    this.#states = left > 0 ? { states: ['queued'] } : {};
    this.#base = isAllLive ? {} : { ...this.#states, queues: LIVE_QUEUES };
  }

  /** All that is counted. */
  all(): SelectionOptions {
    return { only: this.#base };
  }

  /** What of it fits; null where a time can't be named. */
  with(criteria: Criteria): SelectionOptions | null {
    const times = [criteria.before, criteria.since].filter((time) => time !== undefined);
    const isNamable = times.every((time) => time >= EARLIEST && time <= LATEST);
    return isNamable ? { only: { ...this.#base, ...criteria } } : null;
  }

  /** In these queues, whether or not mail is delivered from there. */
  within(queues: readonly MessageQueueName[]): SelectionOptions {
    return { only: { ...this.#states, queues } };
  }

  one(queueName: MessageQueueName, queueId: string): SelectionOptions {
    return { only: { ...this.#states, ids: [`${queueName}/${queueId}`] } };
  }
}

/** ISO 8601; null for what is no time. */
export function isoOf(seconds: number): string | null {
  const time = new Date(seconds * 1000);
  return Number.isNaN(time.getTime()) ? null : time.toISOString();
}
