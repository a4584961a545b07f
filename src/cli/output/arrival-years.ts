/** Arrival times that a listing without years does not tell: `postqueue -p` shows day and month alone. */

import type { ListedMessage } from '../../inspect/list.ts';
import { localTime } from './local-time.ts';
import { countOf } from './quantity.ts';

const TWELVE_MONTHS = 365 * 86_400;
/** What clocks of two machines differ by. */
const SLACK = 86_400;

interface Group {
  readonly messages: number;
  readonly earliest: number;
  readonly latest: number;
}

/** The messages of a listing whose arrival is not of the last twelve months. */
export class ArrivalYears {
  readonly #now: number;
  #old: Group | undefined;
  #ahead: Group | undefined;

  /** @param now seconds since the epoch */
  constructor(now: number) {
    this.#now = now;
  }

  add({ arrival_time: time }: Pick<ListedMessage, 'arrival_time'>): void {
    if (time < this.#now - TWELVE_MONTHS) {
      this.#old = grown(this.#old, time);
    } else if (time > this.#now + SLACK) {
      this.#ahead = grown(this.#ahead, time);
    }
  }

  /** What people should know; nothing where all is of the last twelve months. */
  remarks(): string[] {
    return [
      ...(this.#old === undefined ? [] : [`${textOf(this.#old)} arrived more than twelve months ago`]),
      ...(this.#ahead === undefined ? [] : [`${textOf(this.#ahead)} arrived later than now: a clock was ahead`]),
    ];
  }
}

function grown(group: Group | undefined, time: number): Group {
  return {
    messages: (group?.messages ?? 0) + 1,
    earliest: Math.min(group?.earliest ?? time, time),
    latest: Math.max(group?.latest ?? time, time),
  };
}

function textOf({ messages, earliest, latest }: Group): string {
  const [from, to] = [localTime(earliest * 1000), localTime(latest * 1000)];
  return `${countOf(messages, 'message')} (${from === to ? from : `${from} to ${to}`})`;
}
