/** Which messages Postfix will return soon: they have waited for maximal_queue_lifetime (qmgr_active.c). */

import type { MessageLine } from '../format/catalogue-line.ts';
import type { SelectionOptions } from '../plan/criteria.ts';
import type { MessageQueueName } from '../queue/queue-name.ts';
import { type BaseSelection, LIVE_QUEUES } from './base-selection.ts';
import type { Expiring } from './queue-report.ts';

/** Lifetimes in seconds, with the texts of main.cf. */
export interface QueueLifetimes {
  readonly maximal: { readonly text: string; readonly seconds: number };
  /** Of mail that has the null sender. */
  readonly bounce: { readonly text: string; readonly seconds: number };
}

/** As postqueue(1) prints the null sender, and as a selection names it. */
const NULL_SENDER = 'MAILER-DAEMON';
const WITHIN_SECONDS = 86_400;
/** Held mail does not expire as long as it is held. */
const EXPIRING_QUEUES: readonly MessageQueueName[] = LIVE_QUEUES.filter((name) => name !== 'hold');

export class ExpiryCount {
  readonly #lifetimes: QueueLifetimes;
  readonly #now: number;
  #messages = 0;
  #past = 0;
  /** Messages that a selection by arrival would take or leave wrongly: their time counts from elsewhere. */
  #misjudged = 0;

  /** @param now seconds since the epoch */
  constructor(lifetimes: QueueLifetimes, now: number) {
    this.#lifetimes = lifetimes;
    this.#now = now;
  }

  add({ queue_name, sender, arrival_time, create_time = arrival_time }: MessageLine): void {
    if (!EXPIRING_QUEUES.includes(queue_name)) {
      return;
    }
    const { maximal, bounce } = this.#lifetimes;
    const limit = this.#now - (sender === NULL_SENDER ? bounce : maximal).seconds;
    const isExpiring = create_time < limit + WITHIN_SECONDS;
    this.#messages += isExpiring ? 1 : 0;
    this.#past += create_time < limit ? 1 : 0;
    this.#misjudged += isExpiring === arrival_time < limit + WITHIN_SECONDS ? 0 : 1;
  }

  told(base: BaseSelection): Expiring {
    const { maximal, bounce } = this.#lifetimes;
    return {
      within_seconds: WITHIN_SECONDS,
      messages: this.#messages,
      past: this.#past,
      maximal_queue_lifetime: maximal.text,
      bounce_queue_lifetime: bounce.text,
      selection: this.#selection(base),
    };
  }

  /** Two lifetimes are two selections: then there is one only where no bounce is among them. */
  #selection(base: BaseSelection): SelectionOptions | null {
    const { maximal, bounce } = this.#lifetimes;
    if (this.#misjudged > 0 || maximal.seconds !== bounce.seconds) {
      return null;
    }
    return base.with({ queues: EXPIRING_QUEUES, before: this.#now - maximal.seconds + WITHIN_SECONDS });
  }
}
