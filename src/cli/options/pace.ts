/** The options of a pace: `--rate`, `--rate-by`. */

import { InvalidArgumentError } from '@commander-js/extra-typings';
import { OperatorError } from '../../errors.ts';
import { decodeRate, isPaceOrder, type Pace, type PaceOrder, type Rate } from '../../pace.ts';

export const RATE_FLAG = '--rate <n/unit>';
export const RATE_BY_FLAG = '--rate-by <order>';
export const RATE_BY_HELP = 'with --rate: arrival, the oldest first; or destination, each domain in turn';

export type PaceOptions = {
  readonly rate?: Rate;
  readonly rateBy?: PaceOrder;
};

/** Reads a rate: `300/min`, `5/s`, `1000/h`. */
export function parseRate(text: string): Rate {
  const rate = decodeRate(text);
  if (rate === undefined) {
    throw new InvalidArgumentError('It must be a number of messages in a time: 5/s, 300/min or 1000/h.');
  }
  return rate;
}

export function parsePaceOrder(text: string): PaceOrder {
  if (isPaceOrder(text)) {
    return text;
  }
  throw new InvalidArgumentError('It must be arrival or destination.');
}

/** @throws OperatorError `usage`: an order without a rate */
export function paceOf({ rate, rateBy }: PaceOptions): Pace | undefined {
  if (rate === undefined && rateBy !== undefined) {
    throw new OperatorError('usage', '--rate-by means nothing without --rate');
  }
  return rate === undefined ? undefined : { rate, by: rateBy ?? 'arrival' };
}
