/**
 * `--ping`: the URL of a service that expects to hear of each run. Who knows it can speak for this machine, so no message
 * repeats it, not even one that refuses it.
 */

import { Option } from '@commander-js/extra-typings';
import { OperatorError } from '../../errors.ts';

/** What a URL has to be. */
export const PING_EXPECTED = 'a URL that begins with http:// or https://, without a user name';

/** @throws OperatorError `usage` */
export function parsePingUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/u.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw new OperatorError('usage', `--ping: expected is ${PING_EXPECTED}`, {
      nextStep: 'Copy the URL from the page of the service.',
    });
  }
  return url;
}

/** `--ping`, for the commands that a timer runs. */
export function pingOption(): Option {
  return new Option(
    '--ping <url>',
    'tell a service as healthchecks.io of start, success and failure (URL/start, URL, URL/fail)',
  ).argParser(parsePingUrl);
}
