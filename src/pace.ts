/** A pace: how many messages may be made ready in a span of time, and in which order. As text `300/min`. */

const UNIT_SECONDS = { s: 1, min: 60, h: 3600 } as const;

export interface Rate {
  /** At least one. */
  readonly messages: number;
  readonly per: keyof typeof UNIT_SECONDS;
}

/** `arrival`: the oldest first. `destination`: one of each recipient domain in turn, of each the oldest first. */
export type PaceOrder = 'arrival' | 'destination';

/** Plain data: it stands in the head of a journal. */
export interface Pace {
  readonly rate: Rate;
  readonly by: PaceOrder;
}

/** What a message is put in order by. */
export interface Turn {
  /** Seconds since the epoch. */
  readonly arrival?: number;
  /** Its first recipient's. */
  readonly domain?: string;
}

const RATE = /^([1-9][0-9]{0,8})\/(s|min|h)$/u;

export function encodeRate({ messages, per }: Rate): string {
  return `${messages}/${per}`;
}

/** Undefined for anything else. The slowest rate there is makes one message an hour. */
export function decodeRate(text: string): Rate | undefined {
  const [, messages, per] = RATE.exec(text) ?? [];
  return per === 's' || per === 'min' || per === 'h' ? { messages: Number(messages), per } : undefined;
}

export function isPaceOrder(value: unknown): value is PaceOrder {
  return value === 'arrival' || value === 'destination';
}

/** The span that a rate speaks of. */
export function spanOf({ per }: Rate): number {
  return UNIT_SECONDS[per] * 1000;
}

/** How long so many messages take, in seconds. */
export function secondsFor(rate: Rate, messages: number): number {
  return Math.ceil((messages * UNIT_SECONDS[rate.per]) / rate.messages);
}
