/** The options of a pace: `--rate`, `--rate-by`. */

import { InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { OperatorError } from '../../errors.ts';
import { decodeRate, isPaceOrder, type Pace, type PaceOrder, type Rate } from '../../pace.ts';

export type PaceOptions = {
  readonly rate?: Rate;
  readonly rateBy?: PaceOrder;
};

/** @param what - what the command does: `make at most so many messages ready in a time` */
export function rateOption(what: string): Option<'--rate <n/unit>', undefined, undefined, Rate> {
  return new Option('--rate <n/unit>', `${what}: 5/s, 300/min, 1000/h`).argParser(parseRate);
}

export function rateByOption(): Option<'--rate-by <order>', undefined, undefined, PaceOrder> {
  const help = 'with --rate: arrival, the oldest first; or destination, each domain in turn';
  return new Option('--rate-by <order>', help).argParser(parsePaceOrder);
}

function parseRate(text: string): Rate {
  const rate = decodeRate(text);
  if (rate === undefined) {
    throw new InvalidArgumentError('It must be a number of messages in a time: 5/s, 300/min or 1000/h.');
  }
  return rate;
}

function parsePaceOrder(text: string): PaceOrder {
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
