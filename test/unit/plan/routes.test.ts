import { expect, test } from 'vitest';
import { RouteSum } from '../../../src/plan/routes.ts';
import { messageLine } from '../../support/archive/catalogue-message.ts';

test('messages are added up by the way that they go, in the order of the queues', () => {
  const sum = new RouteSum();
  sum.add(messageLine({ queue_name: 'hold', arrival_time: 5, file_size: 1 }), 'hold');
  sum.add(messageLine({ queue_name: 'active', arrival_time: 30, file_size: 10 }), 'incoming');
  sum.add(messageLine({ queue_name: 'active', arrival_time: 10, file_size: 20 }), 'incoming');
  sum.add(messageLine({ queue_name: 'active', arrival_time: 20, file_size: 40 }), 'hold');
  expect(sum.list()).toEqual([
    { from: 'active', to: 'incoming', messages: 2, bytes: 30, oldest: 10, newest: 30 },
    { from: 'active', to: 'hold', messages: 1, bytes: 40, oldest: 20, newest: 20 },
    { from: 'hold', to: 'hold', messages: 1, bytes: 1, oldest: 5, newest: 5 },
  ]);
});
