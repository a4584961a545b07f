/** What qmgr(8) does to messages that go back into the queues. */

import { expect, it } from 'vitest';
import { DAY, find, NOW, OLD } from '../../../support/plan/find.ts';

it('findings name what is too old for another try, and what must not be released as it is', () => {
  const messages = [OLD, { ...OLD, queue_name: 'hold' }, {}] as const;
  const lifetimes = { maximalQueueLifetime: '5d', bounceQueueLifetime: '5d', messages: 1 };
  const found = find(messages);
  expect(found).toMatchObject([
    { code: 'past-lifetime', ...lifetimes, examples: [{ queue_name: 'deferred' }] },
    { code: 'held-past-lifetime', ...lifetimes, examples: [{ queue_name: 'hold' }] },
  ]);
  expect(find(messages, { options: { into: 'hold' } })).toMatchObject([{ code: 'held-past-lifetime', messages: 2 }]);
  const codes = find(messages, { options: { into: 'maildrop' } }).map(({ code }) => code);
  expect(codes).toEqual(['held-past-lifetime', 'held-in-place']);
});

it.each([
  ['was requeued since', { ...OLD, create_time: NOW - DAY }, 0],
  ['was made when it arrived', OLD, 1],
  ['is a bounce, and older than those may get', { sender: 'MAILER-DAEMON', arrival_time: NOW - DAY }, 1],
  ['is a bounce, and young', { sender: 'MAILER-DAEMON', arrival_time: NOW - DAY + 1 }, 0],
  ['has just come to its end', { arrival_time: NOW - 5 * DAY }, 1],
  ['has a second left', { arrival_time: NOW - 5 * DAY + 1 }, 0],
])('findings judge as qmgr(8) does what %s', (_, message, count) => {
  expect(find([message]).filter(({ code }) => code === 'past-lifetime')).toHaveLength(count);
});

it('findings name what postsuper -e expired, and not its age as well', () => {
  const messages = [
    { ...OLD, mode: 0o710 },
    { ...OLD, mode: 0o710, queue_name: 'hold' },
  ] as const;
  expect(find(messages)).toMatchObject([{ code: 'forced-expiry' }, { code: 'held-forced-expiry' }]);
});

it('findings name next tries that lie far ahead, and the farthest, unless they come now', () => {
  const at = (seconds: number): { mtime: string } => ({ mtime: `${seconds}000000000` });
  const messages = [
    at(NOW + 4000),
    at(NOW + 10 * DAY),
    at(NOW + 30 * DAY),
    { ...at(NOW + DAY), queue_name: 'hold' as const },
  ];
  expect(find(messages)).toMatchObject([{ code: 'next-try-far-ahead', messages: 2, farthest: NOW + 30 * DAY }]);
  expect(find(messages, { options: { retryNow: true } })).toEqual([]);
});
