/**
 * What may stand in postsnap.toml. A key is the long name of an option, and its value is written as for that option: so the
 * parsers of the options judge the values here, too. The types are derived from the schema.
 *
 * valibot, and not zod: it is loaded in 15 ms, zod in 80 to 170, and each command pays that which finds a file.
 */

import {
  boolean,
  check,
  exactOptional,
  type InferOutput,
  integer,
  maxValue,
  minLength,
  minValue,
  number,
  picklist,
  pipe,
  record,
  strictObject,
  string,
  union,
} from 'valibot';
import { parseSpan } from '../../store/span.ts';
import { parseSeconds } from '../options/amount.ts';
import { PING_EXPECTED, parsePingUrl } from '../options/ping-url.ts';
import { parseQueueList } from '../options/queue-list.ts';

/** Whether an option's own parser takes it. */
function taken(parse: (text: string) => unknown): (text: string) => boolean {
  return (text) => {
    try {
      return parse(text) !== undefined;
    } catch {
      return false;
    }
  };
}

function text(expected: string, parse?: (text: string) => unknown) {
  return pipe(
    string(expected),
    minLength(1, expected),
    check(parse === undefined ? () => true : taken(parse), expected),
  );
}

function whole(least: number, most: number) {
  const expected = `a whole number from ${least} to ${most}`;
  return pipe(number(expected), integer(expected), minValue(least, expected), maxValue(most, expected));
}

const path = text('a path, in quotes');
const age = text('an age with a unit, as "26h" or "90m"', parseSeconds);
const flag = boolean('true or false');
const count = union([whole(0, 999_999_999), picklist(['unlimited'])], 'a whole number, or "unlimited"');

const kept = {
  'keep-last': exactOptional(count),
  'keep-hourly': exactOptional(count),
  'keep-daily': exactOptional(count),
  'keep-weekly': exactOptional(count),
  'keep-monthly': exactOptional(count),
  'keep-yearly': exactOptional(count),
  'keep-within': exactOptional(text('years, months, days and hours, as "14d" or "1y6m"', parseSpan)),
};

const aboutStores = {
  ...kept,
  'max-age': exactOptional(age),
  'warn-age': exactOptional(age),
  verify: exactOptional(flag),
};

/** At the top, and in an instance's table. */
const anywhere = {
  ...aboutStores,
  store: exactOptional(text('the name of one of the stores, or the path of a directory')),
  level: exactOptional(whole(1, 19)),
  workers: exactOptional(whole(0, 64)),
  queues: exactOptional(text('names of message queues, as "incoming,deferred"', parseQueueList)),
  'metrics-file': exactOptional(path),
  'config-dir': exactOptional(pipe(path, check(isFromRoot, 'a path from the root on'))),
  'queue-directory': exactOptional(path),
  wait: exactOptional(age),
  nice: exactOptional(flag),
  ping: exactOptional(text(PING_EXPECTED, parsePingUrl)),
};

function isFromRoot(directory: string): boolean {
  return directory.startsWith('/');
}

const NAMED = 'a table of its own, under a name';

/** One of the stores. */
export const STORE = strictObject({ path, ...aboutStores }, NAMED);
/** One of the Postfix instances. */
export const INSTANCE = strictObject(anywhere, NAMED);

/** The whole file. */
export const CONFIGURATION = strictObject({
  ...anywhere,
  stores: exactOptional(record(string(NAMED), STORE, NAMED)),
  instances: exactOptional(record(string(NAMED), INSTANCE, NAMED)),
});

/** The file, read and judged. */
export type Configuration = InferOutput<typeof CONFIGURATION>;

/** A value of one key. */
export type SettingValue = string | number | boolean;
