import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HiddenMessages, TextListing } from '../../../../src/cli/output/listing-text.ts';
import { listedMessage } from '../../../support/listed-message.ts';

const timeZone = process.env['TZ'];
beforeEach(() => {
  process.env['TZ'] = 'Europe/Berlin';
});
afterEach(() => {
  if (timeZone === undefined) delete process.env['TZ'];
  else process.env['TZ'] = timeZone;
});

describe('TextListing', () => {
  test('short queue IDs: the columns of postqueue -p, with reasons and trailer', () => {
    const listing = new TextListing(false);
    const refused = 'connect to 127.0.0.1[127.0.0.1]:9: Connection refused';
    const text = [
      listing.message(
        listedMessage({
          queue_id: '8D3F512345',
          arrival_time: 1_793_829_781,
          message_size: 345,
          recipients: [
            { address: 'a@example.org', delay_reason: refused },
            { address: 'b@example.org', delay_reason: refused },
            { address: 'c@example.org' },
          ],
        }),
      ),
      listing.message(listedMessage({ queue_id: 'ABCDE123', queue_name: 'active', message_size: 2000 })),
      listing.trailer(),
    ].join('');
    expect(text).toBe(
      [
        '-Queue ID-  --Size-- ----Arrival Time---- -Sender/Recipient-------',
        '8D3F512345      345 Wed Nov  4 23:03:01  sender@example.com',
        `${' '.repeat(23)}(${refused})`,
        `${' '.repeat(41)}a@example.org`,
        `${' '.repeat(41)}b@example.org`,
        `${' '.repeat(58)}(reason unavailable)`,
        `${' '.repeat(41)}c@example.org`,
        '',
        'ABCDE123*      2000 Tue Nov 14 23:13:20  sender@example.com',
        `${' '.repeat(41)}a@example.org`,
        '',
        '-- 2 Kbytes in 2 Requests.',
        '',
      ].join('\n'),
    );
  });

  test('long queue IDs: wider columns', () => {
    const listing = new TextListing(true);
    const text = listing.message(listedMessage({ queue_id: '4dN8vK3cZtz1Kk', queue_name: 'hold' })) + listing.trailer();
    expect(text).toBe(
      [
        '----Queue ID----- --Size-- ---Arrival Time---- --Sender/Recipient------',
        '4dN8vK3cZtz1Kk!        345 Tue Nov 14 23:13:20 sender@example.com',
        `${' '.repeat(47)}a@example.org`,
        '',
        '-- 0 Kbytes in 1 Request.',
        '',
      ].join('\n'),
    );
  });

  test.each([
    ['incoming', false, 'ID '],
    ['active', true, 'ID*# '],
    ['hold', true, 'ID!# '],
    ['deferred', true, 'ID# '],
  ] as const)('%s, forced expiry %s: the ID is shown as %s', (queue_name, forced_expire, shown) => {
    const text = new TextListing(false).message(listedMessage({ queue_id: 'ID', queue_name, forced_expire }));
    expect(text.split('\n')[1]).toMatch(new RegExp(`^${shown.replace('*', '\\*')}`, 'u'));
  });

  test('no message: postqueue says that the queue is empty', () => {
    expect(new TextListing(true).trailer()).toBe('Mail queue is empty\n');
  });

  test('a reason beyond the line is not cut, and its width is counted in bytes', () => {
    const long = 'x'.repeat(90);
    const text = new TextListing(false).message(listedMessage({ recipients: [{ address: 'a', delay_reason: long }] }));
    expect(text).toContain(`\n(${long})\n`);
    const umlauts = new TextListing(false).message(
      listedMessage({ recipients: [{ address: 'a', delay_reason: 'üü' }] }),
    );
    expect(umlauts).toContain(`\n${' '.repeat(72)}(üü)\n`);
  });

  test('what comes from mail can not move the cursor, and a senseless time does no harm', () => {
    const text = new TextListing(false).message(
      listedMessage({ sender: 'a\u001b[1m', recipients: [{ address: 'b\r' }], arrival_time: Number.MAX_SAFE_INTEGER }),
    );
    expect(text).toContain('a?[1m\n');
    expect(text).toContain('b?\n');
    expect(text).toContain('?');
  });
});

describe('HiddenMessages', () => {
  test('mail that left and the queues that postqueue does not show are counted, the rest is shown', () => {
    const hidden = new HiddenMessages();
    expect(hidden.remark()).toBeUndefined();
    for (const queue_name of ['maildrop', 'incoming', 'active', 'deferred', 'hold'] as const) {
      expect(hidden.add({ queue_name, state: 'queued' })).toBe(false);
    }
    expect(hidden.add({ queue_name: 'deferred', state: 'left' })).toBe(true);
    expect(hidden.add({ queue_name: 'corrupt', state: 'queued' })).toBe(true);
    expect(hidden.add({ queue_name: 'corrupt', state: 'queued' })).toBe(true);
    expect(hidden.remark()).toBe(
      'not shown: 1 message left the queue during the snapshot, 2 messages in corrupt (-j shows all)',
    );
  });

  test('what was asked for by name is shown', () => {
    const left = { queue_name: 'deferred', state: 'left' } as const;
    const corrupt = { queue_name: 'corrupt', state: 'queued' } as const;
    expect(new HiddenMessages({ states: ['left'] }).add(left)).toBe(false);
    expect(new HiddenMessages({ queues: ['deferred'] }).add(left)).toBe(true);
    expect(new HiddenMessages({ queues: ['corrupt'] }).add(corrupt)).toBe(false);
    expect(new HiddenMessages({ states: ['queued'] }).add(corrupt)).toBe(true);
    expect(new HiddenMessages({ ids: ['ABCDE12345'] }).add(left)).toBe(false);
  });
});
