import { expect, it } from 'vitest';
import { heldMessage } from '../../../src/release/held-messages.ts';

const LINE = {
  queue_name: 'hold',
  queue_id: '5444C210C4F',
  arrival_time: 1_795_301_929,
  message_size: 401,
  forced_expire: false,
  sender: 'a@example.com',
  recipients: [{ address: 'b@example.org', delay_reason: 'busy' }],
};

it('takes what is on hold as postqueue(1) tells it', () => {
  const { forced_expire: _, ...message } = LINE;
  expect(heldMessage(JSON.stringify(LINE))).toEqual(message);
});

it.each([
  ['another queue', { ...LINE, queue_name: 'deferred' }],
  ['an option in place of an ID', { ...LINE, queue_id: '-d' }],
  ['ALL', { ...LINE, queue_id: 'ALL' }],
  ['two lines', { ...LINE, queue_id: '5444C210C4F\nALL' }],
  ['no arrival', { ...LINE, arrival_time: 'yesterday' }],
  ['no recipients', { ...LINE, recipients: 'b' }],
  ['no object', 'hold'],
])('takes nothing else: %s', (_, value) => {
  expect(heldMessage(JSON.stringify(value))).toBeUndefined();
});

it('passes over a line that was cut', () => {
  expect(heldMessage('{"queue_name": "hold", "que')).toBeUndefined();
});
