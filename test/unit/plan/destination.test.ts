import { describe, expect, it } from 'vitest';
import { destinationOf, isChecked, type RouteOptions, whyNotSelected } from '../../../src/plan/destination.ts';
import { MESSAGE_QUEUES, type MessageQueueName } from '../../../src/queue/queue-name.ts';
import { messageLine } from '../../support/archive/catalogue-message.ts';

function destinations(options: RouteOptions, pending = false): MessageQueueName[] {
  return MESSAGE_QUEUES.map((queue_name) => destinationOf(messageLine({ queue_name, pending }), options));
}

describe('a message goes', () => {
  it('back to its queue, and from active to incoming', () => {
    expect(destinations({ into: 'queues', releaseHeld: false })).toEqual(
      MESSAGE_QUEUES.map((queue) => (queue === 'active' ? 'incoming' : queue)),
    );
  });

  it('to maildrop, but stays on hold until its release is asked for', () => {
    const held = messageLine({ queue_name: 'hold' });
    expect(destinationOf(held, { into: 'maildrop', releaseHeld: false })).toBe('hold');
    expect(destinationOf(held, { into: 'maildrop', releaseHeld: true })).toBe('maildrop');
    expect(destinationOf(messageLine(), { into: 'maildrop', releaseHeld: false })).toBe('maildrop');
  });

  it('to its queue where the route of maildrop would drop a notice that is pending', () => {
    expect(destinations({ into: 'maildrop', releaseHeld: true }, true)).toEqual(
      destinations({ into: 'queues', releaseHeld: true }, true),
    );
  });

  it('on hold, but from maildrop nowhere else than into maildrop', () => {
    expect(destinations({ into: 'hold', releaseHeld: false })).toEqual(
      MESSAGE_QUEUES.map((queue) => (queue === 'maildrop' ? 'maildrop' : 'hold')),
    );
  });
});

describe('a message is asked for', () => {
  it('by its queue, where queues are named', () => {
    const options = { into: 'queues', releaseHeld: false, queues: new Set(['corrupt', 'hold'] as const) } as const;
    expect(MESSAGE_QUEUES.filter((queue) => whyNotSelected(queue, options) === undefined)).toEqual(['hold', 'corrupt']);
    expect(whyNotSelected('deferred', options)).toEqual({ code: 'queue-not-named', queue: 'deferred' });
  });

  it('from corrupt and saved only by name, and from maildrop onto hold only by name', () => {
    const options = { into: 'hold', releaseHeld: false } as const;
    expect(whyNotSelected('saved', options)).toEqual({ code: 'restored-only-when-named', queue: 'saved' });
    expect(whyNotSelected('maildrop', options)).toEqual({ code: 'unchecked-mail-not-on-hold' });
    expect(whyNotSelected('maildrop', { ...options, queues: new Set(['maildrop'] as const) })).toBeUndefined();
  });
});

it('leaves the records of corrupt and saved unchecked: Postfix does not read them', () => {
  expect(MESSAGE_QUEUES.filter((queue) => !isChecked(queue))).toEqual(['corrupt', 'saved']);
});
