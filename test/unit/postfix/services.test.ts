import { expect, test } from 'vitest';
import { readServices } from '../../../src/postfix/services.ts';

const LISTED = `smtp       inet  n       -       n       -       -       smtpd
    -o content_filter=scan
pickup     unix  n       -       n       60      1       pickup
scan       unix  -       -       n       -       10      smtp
old        fifo  n       -       n       -       10      smtp
`;

const answering =
  (stdout: string, status = 0) =>
  () => ({ status, stdout, stderr: '' });

test('services are those of master.cf that are reached by name, without what is turned off', () => {
  expect(readServices('/etc/postfix', '', answering(LISTED))).toEqual(['pickup', 'scan', 'old']);
  expect(readServices('/etc/postfix', 'fifo, pickup/unix', answering(LISTED))).toEqual(['scan']);
  expect(readServices('/etc/postfix', 'pickup.unix', answering(LISTED))).toEqual(['scan', 'old']);
});

test('services are not known where postconf is missing or fails', () => {
  expect(readServices('/etc/postfix', '', () => undefined)).toBeUndefined();
  expect(readServices('/etc/postfix', '', answering('', 1))).toBeUndefined();
});
