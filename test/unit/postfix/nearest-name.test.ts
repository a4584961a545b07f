import { expect, test } from 'vitest';
import { nearestName } from '../../../src/postfix/nearest-name.ts';

test.each([
  ['queue_directroy', 'queue_directory'],
  ['mail_ower', 'mail_owner'],
  ['hash_queue_names_', 'hash_queue_names'],
  ['relay', 'relayhost'],
  ['', 'relayhost'],
])('%s is nearest to %s', (meant, name) => {
  expect(nearestName(meant, ['queue_directory', 'mail_owner', 'relayhost', 'hash_queue_names'])).toBe(name);
});

test('of no names none is the nearest', () => {
  expect(nearestName('a', [])).toBeUndefined();
});
