import { describe, expect, it, test } from 'vitest';
import { instanceDirectory, listInstances, otherInstances } from '../../../src/postfix/instances.ts';

/** As Postfix 3.7 writes it. */
const LISTED = [
  '-               -               y         /etc/postfix',
  'postfix-out     outgoing        y         /etc/postfix-out',
  'postfix-off     -               n         /etc/postfix off',
  '',
].join('\n');

const answering =
  (stdout: string, status = 0) =>
  () => ({ status, stdout, stderr: 'fatal: broken\n' });

describe('the instances of a machine', () => {
  it('are those that postmulti lists', () => {
    expect(listInstances(answering(LISTED))).toEqual([
      { name: '-', isEnabled: true, configDirectory: '/etc/postfix' },
      { name: 'postfix-out', isEnabled: true, configDirectory: '/etc/postfix-out' },
      { name: 'postfix-off', isEnabled: false, configDirectory: '/etc/postfix off' },
    ]);
  });

  it('have a configuration directory each', () => {
    expect(instanceDirectory('postfix-out', answering(LISTED))).toBe('/etc/postfix-out');
    expect(() => instanceDirectory('out', answering(LISTED))).toThrow('lists: -, postfix-out, postfix-off');
  });

  it('are not known where postmulti fails or is missing', () => {
    expect(() => listInstances(answering('', 1))).toThrow('fatal: broken');
    expect(() => listInstances(() => undefined)).toThrow('postmulti is not installed');
  });
});

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
