/** What an older Postfix forgets. */

import { expect, it } from 'vitest';
import { find } from '../../../support/plan/find.ts';

it.each([
  ['3.7.11', ['requiretls-unknown', 'tls-required-no-unknown', 'smtputf8-forgotten']],
  ['3.10.13', ['requiretls-unknown']],
  ['3.11.6', []],
  ['3.12-20260821', []],
  // No Postfix is installed: nothing is known.
  ['', []],
])('findings name what Postfix %s forgets of messages that a newer one wrote', (mail_version, codes) => {
  const messages = [{ send_options: 1 }, { send_options: 3 }, { send_options: 16 }, { send_options: 33 }, {}];
  const found = find(messages, { options: { into: 'maildrop' }, parameters: { mail_version } });
  expect(found.map(({ code }) => code)).toEqual(codes);
  expect(found.map(({ messages: count }) => count)).toEqual([1, 1, 3].slice(0, codes.length));
});

it('findings do not name SMTPUTF8 where messages go back into the queues', () => {
  const parameters = { mail_version: '3.7.11' };
  expect(find([{ send_options: 1 }, { send_options: 32 }], { parameters })).toMatchObject([
    { code: 'requiretls-unknown', messages: 1, release: '3.7' },
  ]);
});
