/** How far a restore is. */

import { expect, it } from 'vitest';
import type { OperationEvent } from '../../../src/operation.ts';
import { type Counted, MessageProgress } from '../../../src/restore/message-progress.ts';

const TOLD = { kind: 'progress', phase: 'staging', total: 2, unit: 'messages' };

function toldOf(counted: Counted): OperationEvent[] {
  const events: OperationEvent[] = [];
  const progress = new MessageProgress({ onEvent: (event) => void events.push(event) }, counted);
  progress.tell();
  progress.tell();
  return events;
}

it('counts a message at a call', () => {
  expect(toldOf({ phase: 'staging', total: 2 })).toEqual([
    { ...TOLD, done: 1 },
    { ...TOLD, done: 2 },
  ]);
});

it('tells at a pace how long the rest takes', () => {
  const rate = { messages: 1, per: 'min' } as const;
  expect(toldOf({ phase: 'staging', total: 2, rate })).toEqual([
    { ...TOLD, done: 1, secondsLeft: 60 },
    { ...TOLD, done: 2, secondsLeft: 0 },
  ]);
});
