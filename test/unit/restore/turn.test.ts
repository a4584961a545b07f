/** By what a message waits for its turn. */

import { expect, it } from 'vitest';
import { turnOf } from '../../../src/restore/turn.ts';
import { messageLine } from '../../support/archive/catalogue-message.ts';

const rate = { messages: 1, per: 'min' } as const;
const message = messageLine({
  arrival_time: 1000,
  recipients: [
    { address: 'gone@bounced.example', bounce_reason: 'unknown' },
    { address: 'next@To-Do.example', delay_reason: 'busy' },
  ],
});

it('is nothing where all go at once', () => {
  expect(turnOf(message, undefined)).toEqual({});
});

it('is the arrival, and by destination the domain of the first recipient that is to do', () => {
  expect(turnOf(message, { rate, by: 'arrival' })).toEqual({ arrival: 1000 });
  expect(turnOf(message, { rate, by: 'destination' })).toEqual({ arrival: 1000, domain: 'to-do.example' });
});

it('is the first recipient’s domain where none is to do, and none where there is none', () => {
  const done = messageLine({ arrival_time: 1, recipients: [{ address: 'a@Done.example', bounce_reason: 'no' }] });
  expect(turnOf(done, { rate, by: 'destination' })).toEqual({ arrival: 1, domain: 'done.example' });
  const nobody = messageLine({ arrival_time: 1, recipients: [] });
  expect(turnOf(nobody, { rate, by: 'destination' })).toEqual({ arrival: 1, domain: '' });
});
