import { expect, test } from 'vitest';
import { otherInstances } from '../../../src/postfix/instances.ts';

const LISTING = `-               -               y         /etc/postfix
postfix-out     mta             y         /etc/postfix-out
postfix-in      -               n         /etc/postfix in
`;

const postmulti =
  (stdout: string, status = 0) =>
  () => ({ status, stdout, stderr: '' });

test('all but the one at hand', () => {
  expect(otherInstances('/etc/postfix', postmulti(LISTING))).toEqual([
    { name: 'postfix-out', config_directory: '/etc/postfix-out' },
    { name: 'postfix-in', config_directory: '/etc/postfix in' },
  ]);
  expect(otherInstances('/etc/postfix-out', postmulti(LISTING)).map(({ name }) => name)).toEqual(['-', 'postfix-in']);
});

test('none where there is one instance, no postmulti, or none that works', () => {
  expect(otherInstances('/tmp/private', postmulti(LISTING.split('\n')[0] ?? ''))).toEqual([]);
  expect(otherInstances('/etc/postfix', postmulti(LISTING, 1))).toEqual([]);
  expect(otherInstances('/etc/postfix', () => undefined)).toEqual([]);
});
